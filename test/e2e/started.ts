/**
 * `npm start` as a separate process.
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '@hebb/local/bundle';

export interface StartedOptions {
  /** Working directory and state folder, which contains `models/`. */
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs `npm start -- …` in a user's folder, as npm does. */
export class Started {
  readonly #child: ChildProcess;
  readonly exit: Promise<number | null>;
  output = '';

  constructor(args: readonly string[], { folder, env = {} }: StartedOptions) {
    const bootstrap = join(ROOT, 'scripts', 'bootstrap.js');
    this.#child = spawn('node', [bootstrap, 'scripts/start.ts', ...args], {
      cwd: folder,
      env: {
        ...process.env,
        HEBB_STATE: join(folder, 'state'),
        HEBB_GPU_PORT: '0',
        ...env,
      },
    });
    const collect = (chunk: Buffer) => {
      this.output += chunk.toString();
    };
    this.#child.stdout?.on('data', collect);
    this.#child.stderr?.on('data', collect);
    this.exit = new Promise((resolve) => this.#child.once('exit', resolve));
  }

  async printed(text: string): Promise<void> {
    const over = this.exit.then(() => true);
    while (!this.output.includes(text)) {
      const ended = await Promise.race([over, new Promise((r) => setTimeout(r, 50))]);
      if (ended && !this.output.includes(text)) throw new Error(`It ended:\n${this.output}`);
    }
  }

  async stop(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    return await this.exit;
  }
}
