/**
 * A temporary local state (R2 and KV on disk), with or without a running Worker, and the command line that publishes to
 * it.
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorker } from '@hebb/local/bundle';
import { servePublishable } from '@hebb/local/serve-publishable';
import { stageModel } from '@hebb/local/stage-model';
import type { Cli } from 'hebb/cli';
import { keysCommand } from 'hebb/keys';
import { modelsCommand } from 'hebb/models';
import { publishCommand } from 'hebb/publish';
import { rollbackCommand } from 'hebb/rollback';
import { type CliRun, hebb } from '../support/cli.ts';

export interface RunningWorker {
  readonly url: URL;
  /** Name of the served model. */
  serves(): Promise<string>;
  close(): Promise<void>;
}

export interface TestState {
  readonly folder: string;
  /** `hebb publish …`, `rollback …`, `models …`, `keys …` on this state. */
  hebb(...args: string[]): Promise<CliRun>;
  /** Starts a Worker on the state, as `npm start` does. */
  serve(model?: string): Promise<RunningWorker>;
  remove(): Promise<void>;
}

export const PUBLISH_COMMANDS = [publishCommand, rollbackCommand, modelsCommand, keysCommand];

export async function testState(cli: Partial<Cli> = {}): Promise<TestState> {
  const folder = await mkdtemp(join(tmpdir(), 'hebb-state-'));
  const env = { ...cli.env, HEBB_STATE: folder };
  return {
    folder,
    hebb: (...args) => hebb(args, { ...cli, commands: PUBLISH_COMMANDS, cwd: folder, env }),
    async serve(model) {
      const assets = join(folder, 'assets');
      if (model) await stageModel(model, assets);
      const vars = { HEBB_ACCESS: 'loopback', HEBB_POINTER_AGE_MS: '0', HEBB_KEY_AGE_MS: '0' };
      const options = { assets, port: 0, state: folder, vars };
      const server = servePublishable(await bundleWorker(), options);
      const url = await server.ready;
      return {
        url,
        async serves() {
          const { models } = (await (await fetch(new URL('/v1/models', url))).json()) as {
            models: { name: string }[];
          };
          return models[0]!.name;
        },
        close: () => server.close(),
      };
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
