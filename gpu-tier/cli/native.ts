import { ensureNative, type Native } from '@hebb/tensorflow/native/ensure';
import { type Host, thisHost } from '@hebb/tensorflow/native/host';
import { type InstallOptions, installNative } from '@hebb/tensorflow/native/install';
import { findInstallation, type Installation } from '@hebb/tensorflow/native/installation';
import { probeAddon } from '@hebb/tensorflow/native/probe';
import { type Distribution, TENSORFLOW_VERSION } from '@hebb/tensorflow/native/wheels';
import { Command } from 'commander';
import { cacheFolder } from './cache.ts';
import type { Cli } from './cli.ts';
import { installProgress } from './progress.ts';

interface InstallFlags {
  gpu?: boolean;
  force?: boolean;
  optional?: boolean;
}

const EXAMPLES = `
Examples:
  hebb native install          TensorFlow ${TENSORFLOW_VERSION} for the CPU (0.3 GB to download, 0.9 GB on disk)
  hebb native install --gpu    with CUDA 12 and cuDNN 9 for NVIDIA GPUs (3.4 GB to download)
  hebb native status           show what is installed, and try it

The wheel comes through pip, so pip's settings apply: PIP_INDEX_URL, PIP_FIND_LINKS, pip.conf. It is
installed in HEBB_CACHE (or ~/.cache/hebb), for all clones on this machine.`;

/** `hebb native`: installs TensorFlow's native library, and shows what is installed. */
export function nativeCommand(
  cli: Cli,
  host: Host = thisHost(),
  distribution?: Distribution,
): Command {
  const install = new Command('install')
    .description('install TensorFlow’s native library and build the addon for it')
    .option('--gpu', 'with CUDA, for NVIDIA GPUs on Linux x64')
    .option('--force', 'install it again')
    .option('--optional', 'succeed with a message where it cannot be installed')
    .action(async ({ gpu = false, force = false, optional = false }: InstallFlags) => {
      const progress = installProgress(cli);
      const options: InstallOptions = {
        cache: cacheFolder(cli),
        host,
        flavour: gpu ? 'gpu' : 'cpu',
        force,
        env: cli.env,
        fetch: cli.fetch,
        onProgress: progress.show,
        ...(distribution && { distribution }),
      };
      try {
        const native: Native = optional
          ? await ensureNative(options)
          : { kind: 'ready', installation: await installNative(options) };
        if (native.kind === 'ready') cli.stdout.write(described(native.installation));
        else cli.stderr.write(`No native TensorFlow: ${native.reason}\n  → ${native.fix}\n`);
      } finally {
        progress.finish();
      }
    });
  const status = new Command('status')
    .description('show what is installed, and run it once')
    .action(async () => {
      const found = await findInstallation(cacheFolder(cli), host);
      if (!found) {
        cli.stdout.write('Not installed. Next: hebb native install\n');
        return;
      }
      const { tensorflow, gpu } = await probeAddon(found.addon, cli.env);
      const runs = `Runs: TensorFlow ${tensorflow} on ${gpu ? 'a GPU' : 'the CPU'}\n`;
      cli.stdout.write(described(found) + runs);
    });
  return new Command('native')
    .description('install or inspect TensorFlow’s native library, on which the GPU tier runs')
    .addCommand(install)
    .addCommand(status)
    .addHelpText('after', EXAMPLES);
}

const described = ({ tensorflow, flavour, folder, kernels }: Installation): string => {
  const own = kernels ? 'compiled for this CPU' : 'none: oneDNN computes everything';
  const devices = flavour === 'gpu' ? 'CUDA and CPU' : 'CPU';
  return `TensorFlow ${tensorflow} (${devices}) in ${folder}\nOur own kernels: ${own}\n`;
};
