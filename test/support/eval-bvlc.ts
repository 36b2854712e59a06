import { symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeSafetensors } from '@hebb/model';
import { writePackage } from '@hebb/packages/folder';
import type { EvaluationResult } from '@hebb/train/report/evaluation';
import { evalCommand } from 'hebb/eval';
import { hebb } from './cli.ts';
import { imagenetPhotos, importBvlc } from './imagenet.ts';
import { temporaryFolder } from './temporary.ts';

/** The output of `hebb eval` for the BVLC weights on every `step`-th photograph, in a flat folder. */
export async function evaluateBvlc(step: number): Promise<EvaluationResult> {
  const { manifest, weights } = await importBvlc();
  const cwd = await temporaryFolder();
  const out = join(cwd, 'models', 'imagenet');
  await writePackage(out, { manifest, weights: { f32: writeSafetensors(weights) } });
  const photos = await temporaryFolder();
  for (const photo of imagenetPhotos(step)) await symlink(photo, join(photos, basename(photo)));
  const { code, stdout, stderr } = await hebb(['eval', 'imagenet', '--data', photos, '--json'], {
    cwd,
    commands: [evalCommand],
    env: process.env,
  });
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as EvaluationResult;
}
