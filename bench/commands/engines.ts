import { prepareBeds } from '../beds.ts';
import { measure, openEngines } from '../contest.ts';
import { type BenchContext, cacheFolder } from '../context.ts';
import { ENGINES } from '../engines/list.ts';
import { describeMachine } from '../machine.ts';
import { benchInputs } from '../network/inputs.ts';
import { benchNetworks } from '../network/networks.ts';
import { benchSource } from '../network/source.ts';
import type { BenchOptions } from '../options.ts';
import { startPage } from '../page/start.ts';
import { installPeers } from '../peers/install.ts';
import type { EnginesResult } from '../results.ts';
import { runtimeSizes } from '../sizes.ts';

/** Images that int8 is calibrated on: ours where the package brings none, and the peers'. */
const CALIBRATION_IMAGES = 24;

/** Every third of them is classified by every engine, and the answers are compared. */
const CHECKED = 3;

const RUNS_PER_ROUND = 5;
const WARM_UP_RUNS = 15;

/** Measures whole networks: ours and our peers, side by side. */
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
