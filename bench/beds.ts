import { join } from 'node:path';
import type { Bed } from './engines/engine.ts';
import type { Input } from './network/input.ts';
import type { BenchNetwork } from './network/networks.ts';
import type { BenchPage } from './page/browser.ts';
import { makePeerModels } from './peers/make-models.ts';
import { modelFolder, peerFiles, writeExchange } from './peers/models.ts';

export interface BedOptions {
  /** Folder for the peers' model files and for Python's packages. */
  readonly cache: string;
  readonly networks: readonly BenchNetwork[];
  readonly peersInstalled: boolean;
  readonly page: BenchPage | undefined;
  /** Make the peers' model files with these images; absent: use the files that are there. */
  readonly calibration: readonly Input[] | undefined;
  readonly log: (line: string) => void;
}

/** Everything that engines need, per network. */
export async function prepareBeds(options: BedOptions): Promise<readonly Bed[]> {
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
