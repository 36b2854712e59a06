import { join } from 'node:path';
import { measure, openEngines } from '../contest.ts';
import { type BenchContext, cacheFolder } from '../context.ts';
import type { Bed, BenchEngine } from '../engines/engine.ts';
import { hebbNode, hebbPage, hebbWorkerd } from '../engines/hebb.ts';
import { litertFloat32, litertInt8 } from '../engines/litert.ts';
import { ortNodeFloat32, ortNodeInt8, ortWebFloat32, ortWebInt8 } from '../engines/onnxruntime.ts';
import { tfjsWasm } from '../engines/tfjs-wasm.ts';
import { describeMachine } from '../machine.ts';
import { benchInputs, type Input } from '../network/inputs.ts';
import { type BenchNetwork, benchNetworks, benchSource } from '../network/networks.ts';
import type { BenchOptions } from '../options.ts';
import { type BenchPage, startPage } from '../page/browser.ts';
import { installPeers } from '../peers/install.ts';
import { makePeerModels, modelFolder, peerFiles, writeExchange } from '../peers/models.ts';
import type { EnginesResult } from '../results.ts';
import { runtimeSizes } from '../sizes.ts';

/** Images for int8 calibration, of the peers and, if the package has no int8 weights, of ours. */
const CALIBRATION_IMAGES = 24;

/** Every third of these images is used to check the engines' answers. */
const CHECKED = 3;

const RUNS_PER_ROUND = 5;
const WARM_UP_RUNS = 15;

/** Measures whole networks: our engine and its peers in one run. */
export async function benchEngines(
  options: BenchOptions,
  context: BenchContext,
): Promise<EnginesResult> {
  const { env, log } = context;
  const source = await benchSource(options.package, context.cwd);
  log(`Weights: ${source.title}`);
  const images = await benchInputs(options.calibrate, CALIBRATION_IMAGES, source.preprocessing);
  const networks = await benchNetworks(source, images);
  const peersInstalled = await installPeers(env);
  const page = await startPage();
  try {
    const calibration = options.makePeerModels ? images : undefined;
    const cache = cacheFolder(context);
    const beds = await prepareBeds({ cache, networks, peersInstalled, page, calibration, log });
    const { only } = options;
    const engines = ENGINES.filter(({ info }) => !only || info.ours || info.id.includes(only));
    const checked = images.filter((_, i) => i % CHECKED === 0);
    const { entries, skipped } = await openEngines(engines, beds, checked, log);
    const schedule = { rounds: options.rounds, runs: RUNS_PER_ROUND, warmUpRuns: WARM_UP_RUNS };
    const results = await measure(entries, images[0]!, schedule, (done) => {
      log(`round ${done} of ${options.rounds}`);
    });
    for (const { open } of entries) await open.close();
    return {
      bench: 'engines',
      machine: describeMachine(new Date(), page?.version),
      weights: source.title,
      images: options.calibrate ? 'photographs' : 'random images',
      rounds: options.rounds,
      runsPerRound: RUNS_PER_ROUND,
      networks: networks.map(({ id, title }) => ({ id, title })),
      engines: results,
      skipped,
      sizes: await runtimeSizes(peersInstalled),
    };
  } finally {
    await page?.close();
  }
}

/** All engines, in the order of the table. */
const ENGINES: readonly BenchEngine[] = [
  hebbNode,
  hebbPage,
  hebbWorkerd,
  tfjsWasm,
  ortWebFloat32,
  ortWebInt8,
  litertFloat32,
  litertInt8,
  ortNodeFloat32,
  ortNodeInt8,
];

interface BedOptions {
  /** Folder for the peers' model files and the Python packages that make them. */
  readonly cache: string;
  readonly networks: readonly BenchNetwork[];
  readonly peersInstalled: boolean;
  readonly page: BenchPage | undefined;
  /** Makes the peers' model files with these images; if absent, existing files are used. */
  readonly calibration: readonly Input[] | undefined;
  readonly log: (line: string) => void;
}

/** What engines need to open, for each network. */
async function prepareBeds(options: BedOptions): Promise<readonly Bed[]> {
  const { cache, networks, peersInstalled, page, calibration, log } = options;
  const models = join(cache, 'models');
  const folders = await Promise.all(networks.map((network) => modelFolder(models, network)));
  if (calibration) {
    for (const [i, network] of networks.entries()) {
      await writeExchange(folders[i]!, network, calibration);
    }
    await makePeerModels(cache, folders).catch((error: Error) => {
      log(`SKIPPED making the peers' model files: ${error.message}`);
    });
  }
  return networks.map((network, i) => ({
    network,
    peerFiles: peerFiles(folders[i]!),
    peersInstalled,
    page,
  }));
}
