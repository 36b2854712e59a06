import type { Publication } from '@hebb/models/publish/publish';
import { Command } from 'commander';
import type { Cli } from './cli.ts';
import {
  label,
  seenLine,
  storeOptions,
  TARGET_HELP,
  type TargetFlags,
  waitForEdge,
  withTarget,
} from './publish-target.ts';

const EXAMPLES = `
Examples:
  hebb publish flowers
      put models/flowers live in the Worker on this machine
  hebb publish runs/2026-05-01/package --remote --edge https://hebb.example.com
      put it live in your account, and wait until that Worker serves it
  hebb rollback
      go back to the model that was live before

A Worker loads the package and classifies a test image before it replaces its model; nothing is
deployed. Files that are stored already are not sent again. An interrupted publish changes nothing.
${TARGET_HELP}`;

/** `hebb publish`: puts a package live at the edge. */
export function publishCommand(cli: Cli): Command {
  return withTarget(new Command('publish'))
    .description('put a quantised package live at the edge')
    .argument('<package>', 'a model package: its folder, or its name under models/')
    .addHelpText('after', EXAMPLES)
    .action((name: string, flags: TargetFlags) => run(cli, name, flags));
}

async function run(cli: Cli, name: string, flags: TargetFlags): Promise<void> {
  const { findPackage } = await import('@hebb/packages/find');
  const { readPackage } = await import('@hebb/packages/folder');
  const { withStore } = await import('@hebb/models/publish/open-store');
  const { publishPackage } = await import('@hebb/models/publish/publish');
  const { checkPublishable } = await import('@hebb/models/publish/check');
  const { loadKernels } = await import('@hebb/train/quantize/kernels');
  const { startProgress } = await import('./progress.ts');

  const folder = await readPackage(findPackage(name, cli.cwd));
  const kernels = await loadKernels();
  await checkPublishable(folder, kernels); // fails before any wait
  const { result, store } = await withStore(storeOptions(cli, flags.remote), async (store) => {
    const total = Object.values(folder.manifest.files).reduce((sum, { bytes }) => sum + bytes, 0);
    const progress = startProgress({
      label: 'publishing',
      total,
      unit: 'B',
      stream: cli.stderr,
      now: cli.now,
    });
    try {
      const onProgress = (done: number) => progress.update(Math.min(done, total));
      const result = await publishPackage(folder, {
        store,
        kernels,
        onProgress,
        date: () => new Date(),
      });
      return { result, store };
    } finally {
      progress.finish();
    }
  });
  const seen = await waitForEdge(cli, store, flags, result.release);
  if (flags.json) cli.stdout.write(`${JSON.stringify({ ...result, edge: seen }, null, 2)}\n`);
  else cli.stdout.write(report(result, store.description) + seenLine(seen));
}

function report({ release, previous, moved, uploaded, bytes }: Publication, where: string): string {
  const sent =
    uploaded.length > 0 ? `${uploaded.length} objects stored` : 'all objects were stored already';
  return `${label(release)} is ${moved ? 'now' : 'already'} current in ${where}
  ${sent}, ${(bytes / 1e6).toFixed(1)} MB in all
  before it: ${label(previous)} (hebb rollback)
`;
}
