import { HebbError } from '../../shared/model/errors.ts';
import { runCommand } from './command.ts';
import type { PipOptions } from './pip.ts';
import type { Distribution } from './wheels.ts';

/**
 * The headers that the addon includes, directly and through others: the C API and what it stands
 * on. The wheel's 13,000 headers are 270 MB; these folders hold about a hundred.
 */
const HEADERS = [
  'tensorflow/include/tensorflow/c/',
  'tensorflow/include/tensorflow/core/platform/ctstring',
  'tensorflow/include/tsl/platform/ctstring',
  'tensorflow/include/xla/tsl/c/',
];

/** What is taken out of TensorFlow's wheel: paths, or beginnings of paths. */
export const tensorflowFiles = ({ libraries }: Distribution): string[] => [
  ...libraries.map((library) => `tensorflow/${library}`),
  ...HEADERS,
];

/** NVIDIA's wheels hold libraries, headers and licences below this folder. */
export const CUDA_FILES = ['nvidia/'];

/** Python's zipfile: pip brings it along, it reads archives over 4 GiB and refuses paths with `..`. */
const UNZIP = `
import sys, zipfile
wheel, folder, *beginnings = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    names = [name for name in archive.namelist() if name.startswith(tuple(beginnings))]
    archive.extractall(folder, names)
`;

/** Unpacks the files of `wheel` whose paths begin with one of `beginnings` into `folder`. */
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
