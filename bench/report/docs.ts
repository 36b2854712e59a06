import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchResult } from '../results.ts';
import { batchReport } from './batch.ts';
import { decodeReport } from './decode.ts';
import { enginesReport } from './engines.ts';
import { gpuTierReport } from './gpu-tier.ts';
import { kernelsReport } from './kernels.ts';
import { trainReport } from './train.ts';

/** Where results are committed. */
export const RESULTS = join(import.meta.dirname, '../results');

/** The page that is made of them. */
export const DOCS = join(import.meta.dirname, '../../docs/benchmarks.md');

const SECTIONS = [
  { file: 'engines.json', title: 'Whole networks, beside our peers' },
  { file: 'kernels.json', title: 'Our engine, layer by layer' },
  { file: 'decode.json', title: 'Decoding a 12-megapixel photograph' },
  { file: 'gpu-tier.json', title: 'The GPU tier' },
  { file: 'batch.json', title: 'Batches through the edge' },
  { file: 'train.json', title: 'Training' },
] as const;

const HEAD = `# Benchmarks

<!-- Written by \`npm run bench -- report\` from bench/results. Do not edit. -->

Ratios are what counts: engines are measured in turn, in one run, on one machine. Run it on yours:

\`\`\`sh
npx hebb import --from zoo --name imagenet       # weights: BVLC's GoogLeNet (or leave them random)
npx hebb quantize imagenet --calibrate PHOTOS
npm run bench -- --make-peer-models --calibrate PHOTOS --json bench/results/engines.json
npm run bench -- kernels --json bench/results/kernels.json
npm run bench -- decode --json bench/results/decode.json
npm run bench -- gpu-tier --json bench/results/gpu-tier.json
npm run bench -- batch --json bench/results/batch.json
npm run bench -- train --pytorch --json bench/results/train.json
npm run bench -- report
\`\`\`

Chromium comes in an npm package (on Linux x64; elsewhere the machine's), or CHROMIUM_PATH names one.
\`--make-peer-models\` needs Python and is needed once: it makes the peers' ONNX and TFLite files from the same layers and weights. What a
machine lacks is skipped and named. \`--pytorch\` installs PyTorch, with Python, when it is first used.

What is timed is a classification, from input to probabilities: from 8-bit pixels in our engine,
from normalised float32 in the others. Every engine's answers are first compared with the float32
reference's. The peers' int8 files are made by their own tools: ONNX Runtime's static quantisation
(QDQ, uint8 activations, int8 weights per channel) and TensorFlow's converter (full integer, int8
weights per channel; input and output float32).
`;

/** The whole page, from the results that are there. */
export async function benchmarksPage(results: string): Promise<string> {
  const sections: string[] = [];
  for (const { file, title } of SECTIONS) {
    const path = join(results, file);
    if (!existsSync(path)) continue;
    const result = JSON.parse(await readFile(path, 'utf8')) as BenchResult;
    sections.push(`## ${title}\n\n${report(result)}`);
  }
  return `${[HEAD.trimEnd(), ...sections].join('\n\n')}\n`;
}

/** Any bench's results as Markdown. */
export function report(result: BenchResult): string {
  switch (result.bench) {
    case 'engines':
      return enginesReport(result);
    case 'kernels':
      return kernelsReport(result);
    case 'decode':
      return decodeReport(result);
    case 'gpu-tier':
      return gpuTierReport(result);
    case 'batch':
      return batchReport(result);
    case 'train':
      return trainReport(result);
  }
}
