import type { InstallStep } from '../native/install.ts';
import type { Cli } from './cli.ts';
import { type Progress, startProgress } from './progress.ts';

const WORDS: Readonly<Record<InstallStep, string>> = {
  wait: 'Another process is installing it; waiting',
  find: 'Asking pip for TensorFlow',
  download: 'Downloading TensorFlow',
  unpack: 'Unpacking',
  compile: 'Compiling the addon',
  try: 'Trying it',
  kernels: 'Compiling our own kernels for this CPU',
};

export interface InstallProgress {
  /** For `InstallOptions.onProgress`. */
  readonly show: (step: InstallStep, done?: number, total?: number) => void;
  /** Ends the line of a download that failed. */
  readonly finish: () => void;
}

/** Shows the steps of an installation, one line each, on stderr. */
export function installProgress({ stderr, now }: Pick<Cli, 'stderr' | 'now'>): InstallProgress {
  let step: InstallStep | undefined;
  let download: Progress | undefined;
  const finish = () => {
    download?.finish();
    download = undefined;
  };
  return {
    show(next, done, total) {
      if (next === 'download') {
        const options = { label: WORDS.download, unit: 'B', stream: stderr, now };
        download ??= startProgress({ ...options, ...(total !== undefined && { total }) });
        download.update(done ?? 0);
        return;
      }
      // One line for the whole download of several wheels, which are looked up one after another.
      if (next === 'find' && (download || step === 'find')) return;
      finish();
      step = next;
      stderr.write(`${WORDS[next]} …\n`);
    },
    finish,
  };
}
