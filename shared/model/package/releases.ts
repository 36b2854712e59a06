/**
 * The pointer to the current published model, and its history: one value in the registry (KV), so that
 * the two can never contradict each other. The publisher writes it, the Worker reads it.
 * @module
 */
import { HebbError } from '../errors.ts';

/** Key of the value in the registry. */
export const RELEASES_KEY = 'current';

/** Name of the deployment's own model, in `--to` and in messages. */
export const BUILT_IN = 'built-in';

/** The `source` of that model in `GET /v1/models`. */
export const BUILT_IN_SOURCE = 'the built-in model';

/** A pointer to a published package. */
export interface Release {
  readonly name: string;
  /** The manifest's version, a sha256 over the package's content. */
  readonly version: string;
  /** Folder of the package in the bucket: `models/<name>/<version>`. */
  readonly prefix: string;
  /** When it was last published, UTC, RFC 3339. */
  readonly publishedAt: string;
}

export interface Releases {
  /** Null: the built-in model. */
  readonly current: Release | null;
  /** Targets of a rollback, newest first; after the last of them comes the built-in model. */
  readonly before: readonly Release[];
  /** Models that were rolled back, newest first; still in the bucket. */
  readonly withdrawn: readonly Release[];
}

export const NO_RELEASES: Releases = { current: null, before: [], withdrawn: [] };

/** Folder of a package in the bucket. */
export const releasePrefix = ({ name, version }: Pick<Release, 'name' | 'version'>): string =>
  `models/${name}/${version}`;

/** Parses the registry's value. Throws `model_unavailable` if it is invalid. */
export function parseReleases(text: string): Releases {
  let value: Partial<Record<keyof Releases, unknown>> | null;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw broken(cause);
  }
  const { current, before, withdrawn } = value ?? {};
  const isList = (list: unknown) => Array.isArray(list) && list.every(isRelease);
  if (!(current === null || isRelease(current)) || !isList(before) || !isList(withdrawn)) {
    throw broken();
  }
  return value as Releases;
}

function isRelease(value: unknown): boolean {
  const { name, version, prefix, publishedAt } = (value ?? {}) as Partial<Release>;
  const fields = [name, version, prefix, publishedAt];
  return fields.every((field) => typeof field === 'string' && field !== '');
}

const broken = (cause?: unknown) =>
  new HebbError('model_unavailable', 'The pointer to the current model cannot be read.', {
    hint: `Delete the key "${RELEASES_KEY}" of the registry, and publish the model again.`,
    cause,
  });
