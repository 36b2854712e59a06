/**
 * Starts the GPU tier beside the Worker, as a child process.
 * @module
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '@hebb/local/bundle';

export interface GpuTierOptions {
  /** Folder of the model package. */
  readonly model: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly host: string;
  /** Address of the Worker, whose model the tier follows. */
  readonly edge: string;
  /** Secret with which the Worker signs its requests. */
  readonly secret: string;
  /** HEBB_ACCESS of the Worker: with `loopback` this machine may call the tier too. */
  readonly access: string;
  /** Prints a line to the user. */
  readonly say: (line: string) => void;
}

export interface GpuTier {
  /** Graceful shutdown: resolves when all accepted requests are answered and the process has ended. */
  stop(): Promise<void>;
}

/** The fields of a log line that are used here. */
interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly event: string;
  readonly url?: string;
  readonly reason?: string;
}

/**
 * Lines of TensorFlow's log, which its library writes to stderr regardless of settings: in the format of absl
 * (`I0000 00:00:1795945741.306517   14994 port.cc:153] …`, with a warning before the first one) and in an older one
 * (`2026-11-29 09:49:15.568: I tensorflow/core/…`). The tier reports errors that matter itself. Fatal lines (F) do not
 * match, and are shown.
 */
const TENSORFLOW_LINE =
  /^(WARNING: All log messages before absl::|[IWE]\d{4} \d\d:\d\d:[\d.]+ +\d+ \S+:\d+\] |[\d-]{10} [\d:.]+: [IWE] \S+:\d+\] )/;

export const isTensorFlowsLog = (line: string): boolean => TENSORFLOW_LINE.test(line);

/**
 * Starts the tier and returns at once. On a new machine the tier first downloads TensorFlow, with progress on stderr.
 */
export function startGpuTier(options: GpuTierOptions): GpuTier {
  const { model, port, host, edge, secret, access, say } = options;
  const follow = ['--follow', edge, '--follow-interval', '2'];
  const open = access === 'loopback' ? ['--access', 'loopback'] : [];
  const where = ['--port', String(port), '--host', host];
  const args = ['--model', model, ...where, ...follow, ...open, '--door-keys'];
  const main = join(ROOT, 'gpu-tier', 'cli', 'main.ts');
  // The IPC channel closes when this process is killed; then the tier ends as well.
  const child = spawn(process.execPath, [main, 'serve', ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // In the environment, since other users can read command lines.
    env: { ...process.env, HEBB_HOP_SECRET: secret },
  });
  createInterface({ input: child.stderr! }).on('line', (line) => {
    if (!isTensorFlowsLog(line)) process.stderr.write(`${line}\n`);
  });
  let stopping = false;
  let address = '';
  createInterface({ input: child.stdout! }).on('line', (line) => {
    if (line === '') return; // marks a gap in the log
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
      say('The GPU tier has ended, for the reason above. The edge continues without it.');
  });
  return {
    async stop() {
      stopping = true;
      child.kill('SIGTERM');
      await exit;
    },
  };
}
