import type { BenchResult } from '../results.ts';
import { batchReport } from './batch.ts';
import { decodeReport } from './decode.ts';
import { enginesReport } from './engines.ts';
import { gpuTierReport } from './gpu-tier.ts';
import { kernelsReport } from './kernels.ts';
import { trainReport } from './train.ts';

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
