/**
 * Compares the reference with ONNX Runtime on the BVLC file and real photographs.
 * @module
 */

import { createReference, googlenet, normalise } from '@hebb/model';
import { loadTfjsWasm } from '@hebb/tensorflow/backend/tfjs-wasm';
import { BVLC_ONNX } from './data.ts';
import { imagenetPhotos, importBvlc, photoPixels } from './imagenet.ts';
import { onnxSession } from './onnxruntime.ts';
import { topK } from './top.ts';

export interface Parity {
  readonly photos: number;
  /** Largest difference of any probability. */
  readonly worst: number;
  /** Number of photographs whose top-5 classes or their order differ. */
  readonly otherTop5: readonly string[];
  /** Share of photographs whose top-1 class is that of the file name. */
  readonly top1: number;
}

/** Runs both on every `step`-th of the 515 photographs. */
export async function referenceParity(step: number): Promise<Parity> {
  const { manifest, weights } = await importBvlc();
  const session = await onnxSession(BVLC_ONNX);
  const reference = createReference(await loadTfjsWasm(), googlenet(manifest.network), weights);
  let [worst, right] = [0, 0];
  const otherTop5: string[] = [];
  const photos = imagenetPhotos(step);
  for (const photo of photos) {
    const input = normalise(await photoPixels(photo), manifest.preprocessing);
    const theirs = await session.run(input, 224);
    const ours = reference.classify(input);
    worst = ours.reduce((max, p, i) => Math.max(max, Math.abs(p - theirs[i]!)), worst);
    const top = topK(ours, 5);
    if (top.join() !== topK(theirs, 5).join()) otherTop5.push(photo);
    if (photo.includes(`/${manifest.labels[top[0]!]!.id}_`)) right++;
  }
  reference.dispose();
  await session.release();
  return { photos: photos.length, worst, otherTop5, top1: right / photos.length };
}
