import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchResult } from '../results.ts';
import { batchReport } from './batch.ts';
import { decodeReport } from './decode.ts';
import { enginesReport } from './engines.ts';
import { gpuTierReport } from './gpu-tier.ts';
import { kernelsReport } from './kernels.ts';
import { trainProfileReport, trainReport } from './train.ts';
import { transferReport } from './transfer.ts';

/** Folder of the committed results. */
export const RESULTS = join(import.meta.dirname, '../results');

/** The page that is generated from them. */
export const DOCS = join(import.meta.dirname, '../../docs/benchmarks.md');

const SECTIONS = [
  { file: 'engines.json', title: 'Whole networks, compared with other engines' },
  { file: 'kernels.json', title: 'Our engine, layer by layer' },
  { file: 'decode.json', title: 'Decoding a 12-megapixel photograph' },
  { file: 'gpu-tier.json', title: 'The GPU tier' },
  { file: 'batch.json', title: 'Batches through the edge' },
  { file: 'train.json', title: 'Training' },
  { file: 'train-profile.json', title: 'A training step, by kernel' },
  { file: 'transfer.json', title: 'Fine-tuning' },
] as const;

const HEAD = `# Benchmarks

<!-- Written by \`npm run bench -- report\` from bench/results. Do not edit. -->

Compare the ratios: all engines are measured in turn, in one run, on one machine. To measure on yours:

\`\`\`sh
npx hebb import --from zoo --name imagenet       # weights: BVLC's GoogLeNet (default: random)
npx hebb quantize imagenet --calibrate PHOTOS
npm run bench -- --make-peer-models --calibrate PHOTOS --json bench/results/engines.json
npm run bench -- kernels --json bench/results/kernels.json
npm run bench -- decode --json bench/results/decode.json
npm run bench -- gpu-tier --json bench/results/gpu-tier.json
npm run bench -- batch --json bench/results/batch.json
npm run bench -- train --pytorch --json bench/results/train.json
npm run bench -- transfer --data FLOWERS --pytorch --json bench/results/transfer.json
npm run bench -- train --profile --json bench/results/train-profile.json
npm run bench -- report
\`\`\`

On Linux x64 Chromium comes from an npm package; elsewhere the installed one is used. CHROMIUM_PATH overrides both.
\`--make-peer-models\` is needed once and needs Python: it makes the peers' ONNX and TFLite files from the same layers
and weights. \`--pytorch\` installs PyTorch on first use and needs Python too. Engines that cannot run on the machine
are skipped and listed.

The time is that of one classification, from input to probabilities. The input is 8-bit pixels for our engine and
normalised float32 for the others. Before that, the answers of every engine are compared with those of the float32
reference. The peers' int8 files are made with their own tools: ONNX Runtime's static quantisation (QDQ, uint8
activations, int8 weights per channel) and TensorFlow's converter (full integer, int8 weights per channel, float32 input
and output).
`;

/** The whole page, with a section for each result that exists. */
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

/** The result of any bench as Markdown. */
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
    case 'transfer':
      return transferReport(result);
    case 'train-profile':
      return trainProfileReport(result);
  }
}
