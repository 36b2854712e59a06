/**
 * Shared by the commands that are clients of a Worker: which Worker, and with which key.
 * @module
 */

import { HebbClient, HebbError } from '@hebb/client';
import { IN_CHECKOUT } from '@hebb/packages/installed';
import type { Command } from 'commander';
import type { Cli } from './cli.ts';
import { address } from './values.ts';

export interface EdgeFlags {
  readonly edge?: string;
  readonly json?: boolean;
}

const DEFAULT_EDGE = 'http://localhost:8787';

export const withEdge = (command: Command): Command =>
  command.option('--edge <url>', 'Worker to ask (default: the one on this machine)', address);

/** A client of the Worker of `--edge`; else of the running `npm start`; else of its default port. */
export async function edgeClient(cli: Cli, { edge }: EdgeFlags): Promise<HebbClient> {
  const { stateFolder } = await import('@hebb/models/publish/open-store');
  const { knock } = await import('@hebb/models/publish/door/knock');
  const { env, fetch } = cli;
  const here = async () => (await knock(stateFolder(env), fetch))?.file.edge;
  const found = edge ?? (await here()) ?? DEFAULT_EDGE;
  return new HebbClient({ edge: found, fetch, key: env.HEBB_KEY || undefined });
}

/** The same error with a hint for users of the terminal. */
export function forTerminal(error: unknown): unknown {
  if (!(error instanceof HebbError)) return error;
  const { code, message } = error;
  if (code === 'key_required') {
    const hint = 'Set HEBB_KEY to a key from hebb keys create.';
    return new HebbError(code, message, { hint, cause: error });
  }
  if (code === 'edge_unreachable') {
    const hint = IN_CHECKOUT
      ? 'Start it with npm start, or name another Worker with --edge.'
      : 'Name your Worker: --edge https://hebb.example.com';
    return new HebbError(code, message, { hint, cause: error });
  }
  return error;
}
