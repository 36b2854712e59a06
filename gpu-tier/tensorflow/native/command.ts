import { spawn } from 'node:child_process';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface CommandResult {
  /** Undefined if the command does not exist, or a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: string;
  /** What the command printed, or why it could not be started. */
  readonly stderr: string;
}

export interface CommandOptions {
  /** The command is looked up in its PATH. */
  readonly env: Environment;
  /** Called with what the command prints to stderr, as it comes. */
  readonly onStderr?: (text: string) => void;
  /** Milliseconds after which the command is killed. */
  readonly timeout?: number;
}

/** Runs a program without a shell and waits for its end. Never rejects. */
export function runCommand(
  command: string,
  args: readonly string[],
  { env, onStderr, timeout }: CommandOptions,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      env: { ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // Not spawn's own timeout, whose timer keeps running if the command does not exist.
    const timer = timeout && setTimeout(() => child.kill('SIGKILL'), timeout);
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      onStderr?.(text);
    });
    const end = (result: CommandResult) => {
      clearTimeout(timer);
      resolve(result);
    };
    child.once('error', (error) => end({ code: undefined, stdout, stderr: error.message }));
    child.once('close', (code) => end({ code: code ?? undefined, stdout, stderr }));
  });
}
