/**
 * Runs wrangler as a child process: it knows the account, and keeps the credentials to itself.
 * @module
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
/** The project's configuration, which names the bucket and the namespaces. */
export const WRANGLER_CONFIG = join(ROOT, 'wrangler.toml');

const WRANGLER = join(ROOT, 'node_modules', 'wrangler', 'bin', 'wrangler.js');

export interface WranglerResult {
  readonly code: number | null;
  readonly stdout: string;
  /** Without colours. */
  readonly stderr: string;
}

/** Runs one wrangler command to its end, without questions to the user. */
export type Wrangler = (args: readonly string[]) => Promise<WranglerResult>;

/** @param env the environment, which may hold CLOUDFLARE_API_TOKEN */
export function createWrangler(env: Readonly<Record<string, string | undefined>>): Wrangler {
  return (args) =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [WRANGLER, ...args], {
        cwd: ROOT,
        env: { ...process.env, ...env, WRANGLER_SEND_METRICS: 'false', FORCE_COLOR: '0' },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
      child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
      child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
      child.once('error', reject);
      child.once('close', (code) =>
        resolve({
          code,
          stdout: Buffer.concat(stdout).toString('utf8'),
          stderr: stripVTControlCharacters(Buffer.concat(stderr).toString('utf8')),
        }),
      );
    });
}
