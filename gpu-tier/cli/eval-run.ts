/**
 * From the flags of `hebb eval` to metrics and a report.
 * @module
 */
import { mkdir } from 'node:fs/promises';
import { basename, dirname, relative, resolve } from 'node:path';
import { PACKAGE_FILES } from '../../shared/model/index.ts';
import { acquaintance, splitOfPackage } from '../evaluate/acquaintance.ts';
import { relabel } from '../evaluate/classes.ts';
import { type EvaluationData, evaluationData } from '../evaluate/data.ts';
import { findPackage } from '../packages/find.ts';
import { type PackageFolder, type Precision, readPackage } from '../packages/folder.ts';
import { evaluateAll, reportImages } from '../report/evaluation.ts';
import { machineFacts, packageFacts } from '../report/facts.ts';
import { reportHtml } from '../report/report.ts';
import { checkDestinations } from '../storage/preflight.ts';
import { writing } from '../storage/storage-error.ts';
import { replaceFile } from '../storage/write-file.ts';
import type { Cli } from './cli.ts';
import type { EvalFlags } from './eval.ts';
import { evaluationBackend } from './eval-backend.ts';
import { acquaintanceText, leftOutCounts, leftOutText } from './eval-data-text.ts';
import { evaluationText } from './eval-text.ts';
import { startProgress } from './progress.ts';

const NAMES: Readonly<Record<Precision, string>> = { f32: 'float32', int8: 'int8' };

export async function runEval(cli: Cli, packageName: string, flags: EvalFlags): Promise<void> {
  const folder = await readPackage(findPackage(packageName, cli.cwd));
  const source = resolve(cli.cwd, flags.data);
  const report =
    flags.report === undefined
      ? undefined
      : resolve(cli.cwd, flags.report === true ? 'report.html' : flags.report);
  if (report !== undefined) await checkDestinations([{ dir: dirname(report), bytes: 1e5 }]);
  const { split, valShare, seed } = flags;
  const splitting = {
    ...(valShare !== undefined && { valShare }),
    ...(seed !== undefined && { seed }),
  };
  const recorded = await splitOfPackage(folder, source, splitting);
  const data = await evaluationData(source, { ...(split && { split }), ...splitting, recorded });
  const known = recorded && acquaintance(data.examples, recorded);
  cli.stderr.write(leftOutText(data));
  const { name, version, labels } = folder.manifest;
  const examples = relabel(data.examples, data.classes, labels);
  const precisions = precisionsOf(folder, flags.precision);
  const backend = precisions.includes('f32')
    ? await evaluationBackend(cli, flags.backend)
    : ({ kind: 'wasm', reason: 'not used' } as const);
  const began = cli.now();
  const result = await evaluateAll({
    ...{ package: folder, precisions, examples, crops: flags.crops, backend },
    stage: (precision, total) => progress(cli, precision, total),
  });
  const classes = labels.map((label) => label.name);
  const seconds = (cli.now() - began) / 1000;
  const measured = dataName(source, data) + (flags.crops > 1 ? `, ${flags.crops} crops` : '');
  if (flags.json) {
    const of = { package: name, version, data: measured, crops: flags.crops, seconds };
    const about = { ...(known && { known }), leftOut: leftOutCounts(data.leftOut) };
    cli.stdout.write(`${JSON.stringify({ ...of, ...about, classes, ...result }, null, 2)}\n`);
  } else {
    cli.stdout.write(
      `${name} ${version.slice(0, 12)} on ${examples.length} images of ${measured}\n`,
    );
    cli.stdout.write(acquaintanceText(data, known));
    cli.stdout.write(evaluationText(result, classes));
  }
  if (report === undefined) return;
  const page = reportHtml({
    title: `${name} on ${dataName(source, data)}`,
    subtitle: `Version ${version.slice(0, 12)}, measured with hebb eval`,
    ...{ data: measured, created: new Date().toISOString(), classes, ...result },
    images: await reportImages(result, examples, source, flags.thumbnails),
    facts: [packageFacts(folder.manifest), machineFacts(backend)],
  });
  await writing(dirname(report), () => mkdir(dirname(report), { recursive: true }));
  await replaceFile(report, page);
  cli.stderr.write(`wrote ${relative(cli.cwd, report)}\n`);
}

/** What was asked for, or what there is. */
function precisionsOf(
  { manifest: { files } }: PackageFolder,
  asked: EvalFlags['precision'],
): readonly Precision[] {
  if (asked === 'both') return ['f32', 'int8'];
  if (asked) return [asked];
  return (['f32', 'int8'] as const).filter((precision) => files[PACKAGE_FILES[precision]]);
}

function progress(cli: Cli, precision: Precision, total: number): (done: number) => void {
  const label = NAMES[precision].padEnd(8);
  const bar = startProgress({ label, total, unit: 'images', stream: cli.stderr, now: cli.now });
  bar.update(0);
  return (done) => {
    bar.update(done);
    if (done === total) bar.finish();
  };
}

/** `flowers/val`; a whole data set has its folder's name alone. */
const dataName = (source: string, { split }: EvaluationData): string =>
  split === 'all' ? basename(source) : `${basename(source)}/${split}`;
