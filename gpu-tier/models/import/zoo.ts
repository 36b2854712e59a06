/**
 * GoogLeNet of the ONNX Model Zoo: BVLC's weights, trained on ImageNet-1k, float32.
 * https://github.com/onnx/models/tree/main/validated/vision/classification/inception_and_googlenet
 * @module
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { HebbError } from '@hebb/model/errors';
import type { Label } from '@hebb/model/package/manifest';
import { download } from '@hebb/packages/download/download';
import { parseLabels } from './labels.ts';

export interface ZooModel {
  readonly file: string;
  /** GitHub stores the zoo's files in LFS; Hugging Face hosts its successor, with one repository per model. */
  readonly mirrors: readonly string[];
  readonly sha256: string;
  readonly bytes: number;
  readonly license: string;
  /** Mirrors of the class names: `n01440764 tench, Tinca tinca`, in output order. */
  readonly labelMirrors: readonly string[];
  /** sha256 of the ids, each followed by a newline. It pins the order; the names may differ by mirror. */
  readonly labelIdsSha256: string;
}

export const ZOO_GOOGLENET: ZooModel = {
  file: 'googlenet-12.onnx',
  mirrors: [
    'https://media.githubusercontent.com/media/onnx/models/main/validated/vision/classification/inception_and_googlenet/googlenet/model/googlenet-12.onnx',
    'https://huggingface.co/onnxmodelzoo/googlenet-12/resolve/main/googlenet-12.onnx',
  ],
  sha256: 'c99c507058eaf41de8723408fdda7db8325cb57f0a89f2ee07a716d6e963e14e',
  bytes: 28_021_836,
  license: 'bsd-3-clause',
  labelMirrors: [
    'https://raw.githubusercontent.com/onnx/models/main/validated/vision/classification/synset.txt',
  ],
  labelIdsSha256: '70002b0ff5de60a3a17a82dbfcff291931f96225ddf941ad2e182fc39e183d15',
};

export interface ZooOptions {
  readonly model: ZooModel;
  /** Folder for downloads. */
  readonly cache: string;
  readonly fetch: typeof fetch;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Downloads the model, unless it is in the cache, and returns its path. */
export async function fetchZooModel({ model, cache, ...options }: ZooOptions): Promise<string> {
  const to = join(cache, model.file);
  const { mirrors: urls, sha256, bytes } = model;
  await download({ urls, to, sha256, bytes, ...options });
  return to;
}

/** Downloads the class names and checks that they are the 1000 of ImageNet, in order. */
export async function fetchZooLabels({ model, fetch }: ZooOptions): Promise<Label[]> {
  for (const url of model.labelMirrors) {
    const text = await fetch(url, { signal: AbortSignal.timeout(30_000) })
      .then((response) => (response.ok ? response.text() : undefined))
      .catch(() => undefined);
    const labels = text ? parseLabels(text) : [];
    const ids = labels.map(({ id }) => `${id}\n`).join('');
    if (createHash('sha256').update(ids).digest('hex') === model.labelIdsSha256) return labels;
  }
  throw new HebbError('download_failed', 'No mirror delivered the names of the 1000 classes.', {
    hint: 'Get synset_words.txt of ILSVRC2012 from another source and pass it with --labels FILE.',
  });
}
