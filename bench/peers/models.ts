import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Tensor, writeSafetensors } from '@hebb/model';
import type { Input } from '../network/inputs.ts';
import type { BenchNetwork } from '../network/networks.ts';
import { run, virtualEnvironment } from './virtual-environment.ts';

/** The files that make_models.py writes for a network. */
export const PEER_FILES = ['float32.onnx', 'int8.onnx', 'float32.tflite', 'int8.tflite'] as const;
export type PeerFile = (typeof PEER_FILES)[number];

/** Paths of the peers' model files that exist. */
export type PeerFiles = Readonly<Partial<Record<PeerFile, string>>>;

const SCRIPTS = ['make_models.py', 'write_onnx.py', 'write_tflite.py', 'requirements.txt'];

/**
 * The folder of a network's model files under `cache`. Its name contains a digest of layers, weights and
 * scripts, so that no engine runs a file of another network.
 */
export async function modelFolder(cache: string, network: BenchNetwork): Promise<string> {
  const hash = createHash('sha256');
  hash.update(layersJson(network)).update(writeSafetensors(network.weights));
  for (const script of SCRIPTS) hash.update(await readFile(join(import.meta.dirname, script)));
  return join(cache, `${network.id}-${hash.digest('hex').slice(0, 12)}`);
}

export function peerFiles(folder: string): PeerFiles {
  const paths = PEER_FILES.map((file) => [file, join(folder, file)] as const);
  return Object.fromEntries(paths.filter(([, path]) => existsSync(path)));
}

/** Writes the input files of make_models.py. */
export async function writeExchange(
  folder: string,
  network: BenchNetwork,
  calibration: readonly Input[],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const images = imageTensor(network, calibration);
  await writeFile(join(folder, 'network.json'), layersJson(network));
  await writeFile(join(folder, 'weights.safetensors'), writeSafetensors(network.weights));
  const calibrationFile = writeSafetensors(new Map([['images', images]]));
  await writeFile(join(folder, 'calibration.safetensors'), calibrationFile);
}

const layersJson = ({ network }: BenchNetwork): string => JSON.stringify(network, null, 1);

function imageTensor({ network }: BenchNetwork, inputs: readonly Input[]): Tensor<'F32'> {
  const side = network.spec.inputSize;
  const data = new Float32Array(inputs.length * side * side * 3);
  inputs.forEach(({ nhwc }, i) => {
    data.set(nhwc, i * nhwc.length);
  });
  return { dtype: 'F32', shape: [inputs.length, side, side, 3], data };
}

/**
 * Makes the peers' model files with Python: creates a virtual environment under `cache` once (TensorFlow and
 * ONNX Runtime, 1 GB), then runs make_models.py for each folder. Rejects if a command fails.
 */
export async function makePeerModels(cache: string, folders: readonly string[]): Promise<void> {
  const here = import.meta.dirname;
  const python = await virtualEnvironment(join(cache, 'venv'), join(here, 'requirements.txt'));
  for (const folder of folders) await run(python, [join(here, 'make_models.py'), folder]);
}
