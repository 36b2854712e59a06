/**
 * The GPU tier beside the Worker, in a process of its own.
 * @module
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from './worker/bundle.ts';

export interface GpuTierOptions {
  /** Folder of the model package. */
  readonly model: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly host: string;
  /** The Worker whose model it serves, whatever is published. */
  readonly edge: string;
  /** What the Worker signs its requests with. */
  readonly secret: string;
  /** HEBB_ACCESS of the Worker: who else may call the tier, too. */
  readonly access: string;
  /** A line for whoever started it. */
  readonly say: (line: string) => void;
}

export interface GpuTier {
  /** Resolves when every request that was accepted has its answer and the process has ended. */
  stop(): Promise<void>;
}

/** What of a line of the tier's log is read here. */
interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly event: string;
  readonly url?: string;
  readonly reason?: string;
}

/**
 * Lines of TensorFlow's own log, which its library writes to stderr past every setting: absl's
 * (`I0000 00:00:1795945741.306517   14994 port.cc:153] …`, and what it says of itself before them) and the older
 * ones (`2026-11-29 09:49:15.568: I tensorflow/core/…`). What matters of them comes as an error of ours too; those
 * with which a process ends (F) are shown.
 */
const TENSORFLOW_LINE =
  /^(WARNING: All log messages before absl::|[IWE]\d{4} \d\d:\d\d:[\d.]+ +\d+ \S+:\d+\] |[\d-]{10} [\d:.]+: [IWE] \S+:\d+\] )/;

export const isTensorFlowsLog = (line: string): boolean => TENSORFLOW_LINE.test(line);

/**
 * Starts the tier and returns at once: on a machine that sees it for the first time, TensorFlow is
 * fetched first, whose progress goes to stderr.
 */
export function startGpuTier(options: GpuTierOptions): GpuTier {
  const { model, port, host, edge, secret, access, say } = options;
  const follow = ['--follow', edge, '--follow-interval', '2'];
  const open = access === 'loopback' ? ['--access', 'loopback'] : [];
  const where = ['--port', String(port), '--host', host];
  const args = ['--model', model, ...where, ...follow, ...open, '--door-keys'];
  const main = join(ROOT, 'gpu-tier', 'cli', 'main.ts');
  // With a channel, which closes when this process is killed: then the tier ends as well.
  const child = spawn(process.execPath, [main, 'serve', ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // In the environment, where not everybody can read it as on the command line.
    env: { ...process.env, HEBB_HOP_SECRET: secret },
  });
  createInterface({ input: child.stderr! }).on('line', (line) => {
    if (!isTensorFlowsLog(line)) process.stderr.write(`${line}\n`);
  });
  let stopping = false;
  let address = '';
  createInterface({ input: child.stdout! }).on('line', (line) => {
    if (line === '') return; // after a gap in the log
    const { level, event, url = '', reason = '' } = JSON.parse(line) as LogLine;
    if (event === 'listening') address = `${url.replace('127.0.0.1', 'localhost')}/v2: ${reason}`;
    if (event === 'ready') say(`  gpu    ${address}`);
    else if (level !== 'info') say(line);
  });
  const exit = new Promise<void>((resolve) => {
    child.once('error', () => resolve()).once('close', () => resolve());
  });
  void exit.then(() => {
    if (!stopping)
      say('The GPU tier has ended, for the reason above. The edge goes on without it.');
  });
  return {
    async stop() {
      stopping = true;
      child.kill('SIGTERM');
      await exit;
    },
  };
}
