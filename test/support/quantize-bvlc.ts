import { symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeSafetensors } from '@hebb/model';
import { type PackageFolder, readPackage, writePackage } from '@hebb/packages/folder';
import type { Gate } from '@hebb/train/quantize/gate';
import { loadKernels } from '@hebb/train/quantize/kernels';
import { type PipelineResult, quantizePackage } from '@hebb/train/quantize/pipeline';
import { importBvlc } from './imagenet.ts';
import { floatBackend } from './native.ts';
import { temporaryFolder } from './temporary.ts';

export interface QuantizedBvlc extends PipelineResult {
  readonly folder: PackageFolder;
}

/** Photographs to calibrate and to measure on. */
export interface BvlcPhotos {
  readonly calibrate: readonly string[];
  readonly evaluate: readonly string[];
}

/** Imports and quantises the BVLC weights as `hebb quantize` does. */
export async function quantizeBvlc(
  { calibrate, evaluate }: BvlcPhotos,
  calibrationImages: number,
  gate: Gate,
): Promise<QuantizedBvlc> {
  const { manifest, weights } = await importBvlc();
  const folderOf = async (photos: readonly string[]): Promise<string> => {
    const folder = await temporaryFolder();
    for (const photo of photos) await symlink(photo, join(folder, basename(photo)));
    return folder;
  };
  const out = join(await temporaryFolder(), 'imagenet');
  await writePackage(out, { manifest, weights: { f32: writeSafetensors(weights) } });
  const result = await quantizePackage(
    await readPackage(out),
    {
      calibrate: await folderOf(calibrate),
      evaluate: await folderOf(evaluate),
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
