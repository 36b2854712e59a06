import { relative, resolve } from 'node:path';
import { Command } from 'commander';
import { HebbError } from '../../shared/model/errors.ts';
import type { CheckResult } from '../dataset/checks/check.ts';
import type { Finding } from '../dataset/checks/finding.ts';
import type { Fixed } from '../dataset/checks/fix.ts';
import type { Cli } from './cli.ts';
import { findingsText } from './data-findings.ts';
import { progressOf } from './data-progress.ts';
import { count } from './numbers.ts';

interface Flags {
  fix?: boolean;
  json?: boolean;
}

const NOTES = `
Looks for files that do not decode, copies (within a class, in several classes, on both sides of the
split), files that are left out (BMP, TIFF, HEIC, no extension), empty, small and unbalanced classes, and
tiny images. --fix moves the files concerned to
<source>-quarantine, beside the data set, and deletes nothing; of a CSV file it writes <name>.fixed.csv.
Exits with 1 when a file does not decode (✗): training would end there.`;

/** `hebb data check`: what is wrong with a data set. */
export function dataCheckCommand(cli: Cli): Command {
  return new Command('check')
    .description('look for broken files, copies and small classes')
    .argument('<source>', 'folder of class folders, of train/ and val/, or a CSV file')
    .option('--fix', 'move broken files and copies out of the data set')
    .option('--json', 'every finding as JSON')
    .addHelpText('after', NOTES)
    .action(async (named: string, { fix = false, json = false }: Flags) => {
      const source = resolve(cli.cwd, named);
      const result = await checked(source, cli);
      const { fixDataset } = await import('../dataset/checks/fix.ts');
      const fixed = fix ? await fixDataset(source, result.findings) : undefined;
      cli.stdout.write(
        json
          ? `${JSON.stringify({ ...result, ...(fixed && { fixed }) }, null, 2)}\n`
          : report(result, named, fixed, cli),
      );
      const errors = result.findings.filter(({ severity }) => severity === 'error');
      const left = fixed ? withoutFixed(errors, fixed) : errors;
      if (left.length === 0) return;
      const problems = left.length === 1 ? 'One file' : `${count(left.length)} files`;
      throw new HebbError('invalid_dataset', `${problems} of ${named} cannot be trained on.`, {
        hint: 'Replace them, or move them away with --fix.',
      });
    });
}

async function checked(source: string, cli: Cli): Promise<CheckResult> {
  const { checkDataset } = await import('../dataset/checks/check.ts');
  const progress = progressOf(cli);
  return checkDataset(source, { onProgress: progress.step('decoding', 'images') }).finally(
    progress.finish,
  );
}

const withoutFixed = (findings: readonly Finding[], { removed }: Fixed): Finding[] =>
  findings.filter(({ paths }) => !paths.every((path) => removed.includes(path)));

function report(result: CheckResult, named: string, fixed: Fixed | undefined, cli: Cli): string {
  const { images, classes, findings } = result;
  const head = `${named}: ${count(images)} images of ${classes.length} classes`;
  if (findings.length === 0) return `✓ ${head}, nothing found\n`;
  const text = `${head}\n${findingsText(findings, !fixed)}`;
  return fixed ? text + outcome(fixed, cli) : text;
}

function outcome({ removed, quarantine, source }: Fixed, cli: Cli): string {
  if (removed.length === 0) return 'Nothing of that can be fixed by moving files.\n';
  const files = removed.length === 1 ? '1 file' : `${count(removed.length)} files`;
  return quarantine
    ? `Moved ${files} to ${relative(cli.cwd, quarantine)} (moved.csv there says from where)\n`
    : `Wrote ${relative(cli.cwd, source)} without ${files}\n`;
}
