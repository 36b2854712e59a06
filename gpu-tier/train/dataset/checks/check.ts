/**
 * Checks a data set for problems of training: every image is read and decoded.
 * @module
 */

import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, relative, resolve } from 'node:path';
import { DecodeThreads } from '@hebb/images/threads';
import { groupBy } from '@hebb/model/node20';
import { classNamesOf } from '../found.ts';
import { countLeftOut, type LeftOut, leftOutText, losesImages } from '../left-out.ts';
import { mapLimited } from '../limited.ts';
import { classesOf, findImages } from '../read.ts';
import { SPLIT } from '../split.ts';
import { classFindings } from './classes.ts';
import { type Finding, type FindingKind, finding, KINDS } from './finding.ts';
import { type InspectedImage, inspectImage } from './inspect.ts';

interface CheckOptions {
  /** Share for validation when the data set has no split, as in `readDataset`. */
  readonly valShare?: number;
  /** See `findImages`. */
  readonly multiLabel?: boolean | undefined;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface CheckResult {
  /** Number of checked images. */
  readonly images: number;
  readonly classes: readonly string[];
  /** Present where an image may have several labels, or none. */
  readonly multiLabel?: boolean;
  /** Ordered by kind, the most severe first. */
  readonly findings: readonly Finding[];
}

/** Checks a data set. Throws `file_not_found` and `invalid_dataset` as `readDataset` does. */
export async function checkDataset(
  source: string,
  { valShare = SPLIT.valShare, multiLabel: wanted, onProgress }: CheckOptions = {},
): Promise<CheckResult> {
  const root = await folderOf(source);
  const found = await findImages(source, wanted);
  const { images, emptyClasses, leftOut, multiLabel } = found;
  const classes = classesOf(found, source);
  const cores = availableParallelism();
  const threads = new DecodeThreads(cores);
  // One more than cores: one file is read while the others are decoded.
  const inspected = await mapLimited(
    images,
    cores + 1,
    (image) => inspectImage(image, threads),
    (done) => onProgress?.(done, images.length),
  ).finally(() => threads.close());
  const shown = (path: string) => relative(root, path);
  const findings = [
    ...imageFindings(inspected, shown),
    ...duplicateFindings(inspected, shown),
    ...leftOutFindings(leftOut, shown),
    ...classFindings(inspected, { classes, emptyClasses, valShare, multiLabel }),
  ];
  const order = Object.keys(KINDS) as FindingKind[];
  findings.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
  return { images: images.length, classes, ...(multiLabel && { multiLabel }), findings };
}

/** The folder that paths in findings are relative to. */
async function folderOf(source: string): Promise<string> {
  const path = resolve(source);
  return (await stat(path).catch(() => undefined))?.isFile() ? dirname(path) : path;
}

/** One finding per group of files with the same bytes, without files that do not decode. */
function duplicateFindings(
  images: readonly InspectedImage[],
  shown: (path: string) => string,
): Finding[] {
  const sound = images.filter(({ sha256, problem }) => sha256 && !problem);
  return [...groupBy(sound, ({ sha256 }) => sha256).values()]
    .filter((copies) => copies.length > 1)
    .map((copies) => copyFinding(copies, shown));
}

function copyFinding(copies: readonly InspectedImage[], shown: (path: string) => string): Finding {
  const paths = copies.map(({ path }) => path);
  const names = paths.map(shown).join(' = ');
  if (new Set(copies.map((copy) => classNamesOf(copy).join('\n'))).size > 1) {
    return finding('contradiction', names, paths, paths);
  }
  const validated = copies.filter(({ side }) => side === 'val').map(({ path }) => path);
  if (validated.length > 0 && validated.length < paths.length) {
    const [kept] = validated;
    return finding(
      'leak',
      names,
      paths,
      paths.filter((path) => path !== kept),
    );
  }
  return finding('duplicate', names, paths, paths.slice(1));
}

/** Smaller images are enlarged at least three times even at the smallest training size (96 px). */
const TINY_SIDE = 32;

function imageFindings(
  images: readonly InspectedImage[],
  shown: (path: string) => string,
): Finding[] {
  return images.flatMap(({ path, problem, shorterSide }) => {
    if (problem) return [finding('unreadable', `${shown(path)}: ${problem}`, [path], [path])];
    const findings: Finding[] = [];
    if (shorterSide !== undefined && shorterSide < TINY_SIDE) {
      findings.push(finding('tiny_image', `${shown(path)}: ${shorterSide} pixels`, [path]));
    }
    return findings;
  });
}

function leftOutFindings(leftOut: readonly LeftOut[], shown: (path: string) => string): Finding[] {
  return [...countLeftOut(leftOut)].map(([reason, files]) => {
    const paths = files.map(({ path }) => path);
    const text = `${leftOutText(reason, files.length)} (${shown(paths[0]!)}${paths.length > 1 ? ', …' : ''})`;
    return finding(losesImages(reason) ? 'left_out' : 'other_files', text, paths);
  });
}
