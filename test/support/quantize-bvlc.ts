import { symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { loadTfjsWasm } from '../../gpu-tier/backend/tfjs-wasm.ts';
import { type PackageFolder, readPackage, writePackage } from '../../gpu-tier/packages/folder.ts';
import type { Gate } from '../../gpu-tier/quantize/gate.ts';
import { loadKernels } from '../../gpu-tier/quantize/kernels.ts';
import { type PipelineResult, quantizePackage } from '../../gpu-tier/quantize/pipeline.ts';
import { writeSafetensors } from '../../shared/model/index.ts';
import { imagenetPhotos, importBvlc } from './imagenet.ts';
import { temporaryFolder } from './temporary.ts';

export interface QuantizedBvlc extends PipelineResult {
  readonly folder: PackageFolder;
}

/** Imports the BVLC weights and quantises them as `hebb quantize` does, measured on every `step`-th photograph. */
export async function quantizeBvlc(
  step: number,
  calibrationImages: number,
  gate: Gate,
): Promise<QuantizedBvlc> {
  const { manifest, weights } = await importBvlc();
  const photos = await temporaryFolder();
  for (const photo of imagenetPhotos(step)) await symlink(photo, join(photos, basename(photo)));
  const out = join(await temporaryFolder(), 'imagenet');
  await writePackage(out, { manifest, weights: { f32: writeSafetensors(weights) } });
  const result = await quantizePackage(
    await readPackage(out),
    {
      ...{ calibrate: photos, evaluate: photos, calibrationImages, out },
      scales: { rule: 'percentile', percent: 99.99 },
      biasCorrection: 'auto',
      gate,
    },
    { tf: await loadTfjsWasm(), kernels: await loadKernels(), stage: () => () => {} },
  );
  return { ...result, folder: await readPackage(out) };
}
