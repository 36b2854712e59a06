/**
 * Runs wrangler as a child process: it knows the account, and keeps the credentials to itself.
 * @module
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { HebbError } from '@hebb/model';
import { projectFolder } from '@hebb/packages/installed';

const ROOT = projectFolder();
/** The project's configuration, which names the bucket and the namespaces. */
export const WRANGLER_CONFIG = join(ROOT, 'wrangler.toml');

export interface WranglerResult {
  readonly code: number | null;
  readonly stdout: string;
  /** Without colours. */
  readonly stderr: string;
}

/** Runs one wrangler command to its end, without questions to the user. */
export type Wrangler = (args: readonly string[]) => Promise<WranglerResult>;

/**
 * Throws `file_not_found` without wrangler, which the published package does not install, or its configuration.
 * @param env the environment, which may hold CLOUDFLARE_API_TOKEN
 */
export function createWrangler(env: Readonly<Record<string, string | undefined>>): Wrangler {
  const program = join(wranglerFolder(), 'bin', 'wrangler.js');
  if (!existsSync(WRANGLER_CONFIG)) {
    throw new HebbError('file_not_found', `There is no ${WRANGLER_CONFIG}.`, {
      hint: 'Run it in a checkout of Hebb: its wrangler.toml names the bucket and the namespaces.',
    });
  }
  return (args) =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [program, ...args], {
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

function wranglerFolder(): string {
  try {
    return dirname(createRequire(import.meta.url).resolve('wrangler/package.json'));
  } catch (cause) {
    throw new HebbError('file_not_found', 'The npm package wrangler is not installed.', {
      hint: 'Run: npm install wrangler',
      cause,
    });
  }
}
