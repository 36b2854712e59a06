/**
 * The checks of a package before its first byte is uploaded.
 * @module
 */
import { checkEngineFits, loadEngine } from '@hebb/engine';
import { contentVersion, HebbError, type Manifest, PACKAGE_FILES } from '@hebb/model';
import type { PackageFolder } from '@hebb/packages/folder';

/**
 * Checks that the package has int8 weights which passed the gate of `hebb quantize`, that its engine fits
 * into an isolate of the edge, that every file is the one in the manifest, and that the edge's engine runs
 * the weights.
 *
 * Throws `not_quantized`, `model_too_large` or `invalid_package`.
 * @param kernels the edge's kernels, compiled
 */
export async function checkPublishable(
  folder: PackageFolder,
  kernels: WebAssembly.Module,
): Promise<void> {
  const { manifest, dir } = folder;
  checkGatePassed(manifest, dir);
  if ((await contentVersion(manifest)) !== manifest.version) {
    throw new HebbError('invalid_package', 'manifest.json was changed after it was written.', {
      hint: 'Make the package again with hebb import, hebb train or hebb quantize.',
    });
  }
  checkEngineFits(kernels, manifest.network, manifest.files[PACKAGE_FILES.int8]);
  if (manifest.files[PACKAGE_FILES.f32]) await folder.tensors('f32');
  checkRuns(manifest, await folder.bytes('int8'), kernels);
}

function checkGatePassed({ name, files, quantization }: Manifest, dir: string): void {
  if (files[PACKAGE_FILES.int8] && quantization) return;
  const why = files[PACKAGE_FILES.int8]
    ? 'its int8 weights were not measured against float32'
    : 'it has no int8 weights, which the edge computes with';
  throw new HebbError('not_quantized', `${name} cannot be published: ${why}.`, {
    hint: `Run: npx hebb quantize ${dir} --calibrate FOLDER`,
  });
}

/** Classifies one mid-grey image with the engine of the edge. */
function checkRuns(
  manifest: Manifest,
  weights: Uint8Array<ArrayBuffer>,
  kernels: WebAssembly.Module,
) {
  const { inputSize } = manifest.network;
  const engine = loadEngine(kernels, manifest.network, weights);
  const probabilities = engine.classify(new Uint8Array(inputSize * inputSize * 3).fill(128));
  if (probabilities.every((p) => p >= 0 && p <= 1)) return;
  throw new HebbError(
    'invalid_package',
    'The int8 weights do not give probabilities for a grey image.',
    {
      hint: `Quantise the package again: npx hebb quantize ${manifest.name} --calibrate FOLDER`,
    },
  );
}
