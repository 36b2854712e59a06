import { HebbError } from '@hebb/model/errors';
import { runCommand } from './command.ts';
import type { PipOptions } from './pip.ts';
import type { Distribution } from './wheels.ts';

/**
 * Folders of the headers that the addon includes, directly or indirectly: the C API and its dependencies. They hold
 * about a hundred of the wheel's 13,000 headers (270 MB).
 */
const HEADERS = [
  'tensorflow/include/tensorflow/c/',
  'tensorflow/include/tensorflow/core/platform/ctstring',
  'tensorflow/include/tsl/platform/ctstring',
  'tensorflow/include/xla/tsl/c/',
];

/** Paths, or prefixes of paths, to extract from TensorFlow's wheel. */
export const tensorflowFiles = ({ libraries }: Distribution): string[] => [
  ...libraries.map((library) => `tensorflow/${library}`),
  ...HEADERS,
];

/** NVIDIA's wheels have all their files below this folder. */
export const CUDA_FILES = ['nvidia/'];

/** Python's zipfile is always there with pip, reads archives above 4 GiB, and sanitises paths with `..`. */
const UNZIP = `
import sys, zipfile
wheel, folder, *beginnings = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    names = [name for name in archive.namelist() if name.startswith(tuple(beginnings))]
    archive.extractall(folder, names)
`;

/** Extracts the files of `wheel` whose paths begin with one of `beginnings` to `folder`. */
export async function unpack(
  wheel: string,
  folder: string,
  beginnings: readonly string[],
  { python, env }: PipOptions,
): Promise<void> {
  const args = ['-c', UNZIP, wheel, folder, ...beginnings];
  const { code, stderr } = await runCommand(python, args, { env });
  if (code === 0) return;
  const why = stderr.trim().split('\n').at(-1);
  throw new HebbError('native_unavailable', `${wheel} cannot be unpacked: ${why}`, {
    hint: 'Free some disk space, or set HEBB_CACHE to another folder.',
  });
}
