import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../command.ts';
import type { Host } from '../host.ts';
import type { Installation } from '../installation.ts';
import type { Gpu } from '../nvidia.ts';
import type { Probe } from '../probe-process.ts';
import { DISTRIBUTIONS } from '../wheels.ts';
import { type Finding, note, ok, problem } from './finding.ts';

/** Oldest driver for CUDA 12 (CUDA Compatibility, "Minor Version Compatibility"). */
const LEAST_DRIVER = 525;

/** NVIDIA's PCI vendor id. */
const NVIDIA_VENDOR = '0x10de';

/** True if the machine has a GPU of NVIDIA, with or without a driver. */
export async function hasNvidiaHardware({ platform }: Pick<Host, 'platform'>): Promise<boolean> {
  if (platform !== 'linux') return false;
  const devices = '/sys/bus/pci/devices';
  for (const name of await readdir(devices).catch(() => [])) {
    const read = (file: string) => readFile(join(devices, name, file), 'utf8').catch(() => '');
    // Class 03: display controllers. The sound device of a graphics card has class 04.
    const isDisplay = (await read('class')).startsWith('0x03');
    if (isDisplay && (await read('vendor')).trim() === NVIDIA_VENDOR) return true;
  }
  return false;
}

/** Checks the driver, which CUDA's libraries need and do not include. */
export function checkDriver(gpus: readonly Gpu[], hardware: boolean): Finding {
  const [first] = gpus;
  if (!first) {
    if (!hardware) return note('NVIDIA GPU', 'none: the tier runs on the CPU');
    const fix = 'Install NVIDIA’s driver (nvidia-smi must work); in a container: --gpus all';
    return problem('NVIDIA GPU', 'one is installed, but nvidia-smi does not show it', fix);
  }
  const names = gpus.map(({ name, memory }) => `${name} (${Math.round(memory / 1024)} GiB)`);
  const found = `${names.join(', ')}, driver ${first.driver}`;
  if (Number.parseInt(first.driver, 10) >= LEAST_DRIVER) return ok('NVIDIA GPU', found);
  const fix = `Update the driver to ${LEAST_DRIVER} or newer, which CUDA 12 needs.`;
  return problem('NVIDIA GPU', found, fix);
}

/** Checks that TensorFlow uses the GPUs that the driver reports. */
export function checkCuda(
  gpus: readonly Gpu[],
  installed: Installation | undefined,
  probe: Probe | undefined,
  host: Host,
  env: Environment,
): Finding {
  const subject = 'CUDA';
  if (probe?.gpu) return ok(subject, `TensorFlow uses ${gpus[0]!.name}`);
  if (!DISTRIBUTIONS[`${host.platform}-${host.arch}`]?.gpu) {
    return note(subject, `There is no TensorFlow with CUDA for ${host.platform}-${host.arch}`);
  }
  if (installed?.flavour !== 'gpu') {
    const found = 'the installed TensorFlow has no CUDA: the GPU is not used';
    return note(subject, found, 'hebb native install --gpu');
  }
  const visible = env.CUDA_VISIBLE_DEVICES;
  if (visible !== undefined && !/^(\d|GPU-|MIG-)/.test(visible)) {
    const found = `CUDA_VISIBLE_DEVICES="${visible}" hides the GPUs`;
    return problem(subject, found, 'unset CUDA_VISIBLE_DEVICES');
  }
  const fix = 'See why: TF_CPP_MIN_LOG_LEVEL=0 TF_CPP_MAX_VLOG_LEVEL=1 hebb native status';
  return problem(subject, 'TensorFlow cannot use the GPU', fix);
}
