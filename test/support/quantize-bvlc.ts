import { symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeSafetensors } from '@hebb/model';
import { type PackageFolder, readPackage, writePackage } from '@hebb/packages/folder';
import type { Gate } from '@hebb/train/quantize/gate';
import { loadKernels } from '@hebb/train/quantize/kernels';
import { type PipelineResult, quantizePackage } from '@hebb/train/quantize/pipeline';
import { imagenetPhotos, importBvlc } from './imagenet.ts';
import { floatBackend } from './native.ts';
import { temporaryFolder } from './temporary.ts';

export interface QuantizedBvlc extends PipelineResult {
  readonly folder: PackageFolder;
}

/** Imports and quantises the BVLC weights as `hebb quantize` does, measured on every `step`-th photograph. */
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
      calibrate: photos,
      evaluate: photos,
      calibrationImages,
      out,
      scales: { rule: 'percentile', percent: 99.99 },
      biasCorrection: 'auto',
      gate,
    },
    { backend: floatBackend, kernels: await loadKernels(), stage: () => () => {} },
  );
  return { ...result, folder: await readPackage(out) };
}
