import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Manifest, writeSafetensors } from '@hebb/model';
import { HebbError } from '@hebb/model/errors';
import { findPackage } from '@hebb/packages/find';
import { readPackage, writePackage } from '@hebb/packages/folder';
import { PRECISIONS, type Precision } from '@hebb/tensorflow/graph/inference';
import { thisHost } from '@hebb/tensorflow/native/host';
import { findInstallation, type Installation } from '@hebb/tensorflow/native/installation';
import { cacheFolder as installedIn } from 'hebb/cache';
import { type BenchContext, cacheFolder } from '../context.ts';
import {
  type BenchBackend,
  batchOf,
  compareBackends,
  hebbBackend,
  onnxRuntimeBackend,
  RUNS_PER_ROUND,
} from '../gpu-tier/backends.ts';
import { createClient } from '../gpu-tier/client.ts';
import { crashUnderLoad } from '../gpu-tier/crash.ts';
import { runLoad, sustained } from '../gpu-tier/load.ts';
import { startTier } from '../gpu-tier/service.ts';
import { describeMachine } from '../machine.ts';
import { benchInputs } from '../network/inputs.ts';
import { benchSource } from '../network/networks.ts';
import type { BenchOptions } from '../options.ts';
import type { GpuTierResult, SustainedResult } from '../results.ts';

const IMAGES = 32;
const CLIENTS = 64;
/** Numbers of concurrent clients on the load curve. */
const LOADS = [1, 2, 4, 8, 16, 32, 64, 128];
const CRASH_REQUESTS = 1000;
/** Load for each point of the curve, milliseconds. */
const POINT_MS = 8_000;
/** Most rounds of sustained load; each takes about 18 s. */
const SUSTAINED_ROUNDS = 5;

/** Measures the GPU tier's backend and onnxruntime, then the tier under load and in a crash. */
export async function benchGpuTier(
  options: BenchOptions,
  context: BenchContext,
): Promise<GpuTierResult> {
  const { env, log } = context;
  const installation = await native(env);
  const dir = await servedPackage(options.package, context);
  const { manifest } = await readPackage(dir);
  const images = await benchInputs(options.calibrate, IMAGES, manifest.preprocessing);
  const pixels = images.map((image) => image.pixels);
  const batch = (n: number) => batchOf(images, n, manifest.preprocessing);
  log(`Package: ${manifest.name} ${manifest.version.slice(0, 12)}`);

  const ours: Record<Precision, BenchBackend> = {
    f32: await hebbBackend(dir, installation, 'f32'),
    bf16: await hebbBackend(dir, installation, 'bf16'),
  };
  const peer = await onnxRuntimeBackend(dir);
  const all = [ours.f32, ours.bf16, peer];
  const backends = await compareBackends(all, batch, options.rounds, log);
  await peer.close();

  const rounds = Math.min(options.rounds, SUSTAINED_ROUNDS);
  const held: SustainedResult[] = [];
  let load: GpuTierResult['load'] = [];
  let crash: GpuTierResult['crash'] | undefined;
  for (const precision of PRECISIONS) {
    const args = ['--precision', precision, '--backend', 'native', '--log-level', 'info'];
    const tier = await startTier(dir, args, env);
    const client = createClient(tier.url, manifest.name, side(manifest), Math.max(...LOADS));
    try {
      const loop = { backend: ours[precision], batch: batch(32) };
      held.push(await sustained({ client, clients: CLIENTS, pixels, loop, rounds, log }));
      if (precision !== 'f32') continue;
      for (const clients of LOADS) {
        const point = await runLoad(client, { clients, ms: POINT_MS, pixels });
        load = [...load, point];
        log(`${clients} clients: ${point.imagesPerSecond.toFixed(1)} images/s`);
      }
      const kill = () => tier.killHosts();
      const requests = { requests: CRASH_REQUESTS, clients: CLIENTS };
      crash = await crashUnderLoad(client, { ...requests, pixels, kill });
      log(`crash: ${JSON.stringify(crash)}`);
    } finally {
      client.close();
      await tier.stop();
    }
  }
  for (const precision of PRECISIONS) await ours[precision].close();
  return {
    bench: 'gpu-tier',
    machine: describeMachine(new Date()),
    ...(options.note !== undefined && { note: options.note }),
    weights: `package ${manifest.name}, version ${manifest.version.slice(0, 12)}`,
    rounds: options.rounds,
    runsPerRound: RUNS_PER_ROUND,
    backends,
    sustained: held,
    load,
    crash: crash!,
  };
}

const side = ({ network }: Manifest): number => network.inputSize;

async function native(env: NodeJS.ProcessEnv): Promise<Installation> {
  const found = await findInstallation(installedIn({ env }), thisHost());
  if (found) return found;
  throw new HebbError('native_unavailable', 'There is no native TensorFlow on this machine.', {
    hint: 'Install it: npx hebb native install',
  });
}

/** Folder of the package to serve: the named one, else models/imagenet, else one with random weights. */
async function servedPackage(name: string | undefined, context: BenchContext): Promise<string> {
  const { cwd } = context;
  if (name !== undefined) return findPackage(name, cwd);
  if (existsSync(join(cwd, 'models', 'imagenet'))) return findPackage('imagenet', cwd);
  const { network, weights, preprocessing } = await benchSource(undefined, cwd);
  const dir = join(cacheFolder(context), 'random-package');
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  await writePackage(dir, {
    manifest: {
      name: 'random',
      network: network.spec,
      preprocessing,
      labels: Array.from({ length: network.spec.classes }, (_, i) => ({ name: `class ${i}` })),
      lineage: { source: 'seeded random weights, for the bench' },
    },
    weights: { f32: writeSafetensors(weights) },
  });
  return dir;
}
