/**
 * Looks for what would spoil a training: every image is read and decoded.
 * @module
 */

import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, relative, resolve } from 'node:path';
import { DecodeThreads } from '../../decode/threads.ts';
import { mapLimited } from '../limited.ts';
import { classesOf, findImages } from '../read.ts';
import { SPLIT } from '../split.ts';
import { classFindings } from './classes.ts';
import { duplicateFindings } from './duplicates.ts';
import { type Finding, type FindingKind, KINDS } from './finding.ts';
import { imageFindings } from './images.ts';
import { inspectImage } from './inspect.ts';
import { leftOutFindings } from './left-out.ts';

export interface CheckOptions {
  /** As for `readDataset`: share that will validate where the data set has no split. */
  readonly valShare?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface CheckResult {
  /** Images looked at. */
  readonly images: number;
  readonly classes: readonly string[];
  /** By kind, the gravest first. */
  readonly findings: readonly Finding[];
}

/** Throws `file_not_found` and `invalid_dataset` as `readDataset` does. */
export async function checkDataset(
  source: string,
  { valShare = SPLIT.valShare, onProgress }: CheckOptions = {},
): Promise<CheckResult> {
  const root = await folderOf(source);
  const found = await findImages(source);
  const { images, emptyClasses, leftOut } = found;
  const classes = classesOf(found, source);
  const cores = availableParallelism();
  const threads = new DecodeThreads(cores);
  // One more than cores: while one file is read, the others are decoded.
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
    ...classFindings(inspected, { classes, emptyClasses, valShare }),
  ];
  const order = Object.keys(KINDS) as FindingKind[];
  findings.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
  return { images: images.length, classes, findings };
}

/** What the paths of a data set are relative to. */
export async function folderOf(source: string): Promise<string> {
  const path = resolve(source);
  return (await stat(path).catch(() => undefined))?.isFile() ? dirname(path) : path;
}
