import type { Label, Manifest, MetricsReport, TrainingReport } from '@hebb/model';
import { type Precision, readPackage, writePackage } from './folder.ts';

/**
 * Adds accuracy and training facts, or the thresholds of labels, to a package's manifest and model card. The
 * weights do not change; the version changes with the labels only.
 */
export async function recordResults(
  dir: string,
  results: {
    readonly metrics?: MetricsReport;
    readonly training?: TrainingReport;
    readonly labels?: readonly Label[];
  },
): Promise<Manifest> {
  const folder = await readPackage(dir);
  const { format: _, version: __, files, ...manifest } = folder.manifest;
  const weights: Partial<Record<Precision, Uint8Array>> = {};
  for (const precision of ['f32', 'int8'] as const) {
    if (files[`weights.${precision}.safetensors`])
      weights[precision] = await folder.bytes(precision);
  }
  const split = await folder.split();
  return writePackage(dir, { manifest: { ...manifest, ...results }, weights, split });
}
