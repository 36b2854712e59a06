import { HebbError } from '../../shared/model/index.ts';
import { loadTfjsWasm } from '../backend/tfjs-wasm.ts';
import type { Dataset, Example } from '../dataset/dataset.ts';
import type { ImageFile } from '../decode/images.ts';
import { readPackage } from '../packages/folder.ts';
import { loadKernels } from '../quantize/kernels.ts';
import { quantizePackage } from '../quantize/pipeline.ts';
import { quantizationReport } from '../quantize/report.ts';
import type { Cli } from './cli.ts';
import { startStage } from './stage.ts';

/** Training images that activations are watched on, spread over all of them. */
const CALIBRATION_IMAGES = 200;

/**
 * Quantises what was trained, measured on the validation images. What the gate refuses is said, and
 * the package stays without int8: training it was not in vain.
 * @returns whether there are int8 weights
 */
export async function quantizeTrained(
  cli: Cli,
  dir: string,
  dataset: Dataset,
  maxLoss: number,
): Promise<boolean> {
  const files = (examples: readonly Example[]): ImageFile[] =>
    examples.map(({ path, label }) => ({ path, label: dataset.classes[label]! }));
  try {
    const result = await quantizePackage(
      await readPackage(dir),
      {
        calibrate: files(dataset.train),
        evaluate: files(dataset.val),
        calibrationImages: CALIBRATION_IMAGES,
        scales: { rule: 'percentile', percent: 99.99 },
        biasCorrection: 'auto',
        gate: { maxLoss, minAgreement: 90 },
        out: dir,
      },
      {
        tf: await loadTfjsWasm(),
        kernels: await loadKernels(),
        stage: (label, total) => startStage(cli, label, total),
      },
    );
    cli.stderr.write(quantizationReport(result));
    return true;
  } catch (error) {
    if (!(error instanceof HebbError) || error.code !== 'accuracy_loss') throw error;
    cli.stderr.write(`No int8 weights: ${error.message}\n  → ${error.hint}\n`);
    return false;
  }
}
