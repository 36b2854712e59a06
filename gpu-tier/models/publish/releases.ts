/**
 * The list of releases in the registry: how publishing and rolling back change it.
 * @module
 */
import {
  BUILT_IN,
  HebbError,
  NO_RELEASES,
  parseReleases,
  RELEASES_KEY,
  type Release,
  type Releases,
} from '@hebb/model';
import type { PublishStore } from './store.ts';

/** Releases kept on either side of the current one. Objects of older ones stay in the bucket. */
const REMEMBERED = 50;

const SHORTEST_VERSION = 4;

export async function readReleases(store: PublishStore): Promise<Releases> {
  const text = await store.readKey(RELEASES_KEY);
  return text === undefined ? NO_RELEASES : parseReleases(text);
}

/**
 * Moves the pointer with one write and reads it back. Throws `publish_failed` when the registry then holds
 * neither the old nor the new value: another computer published at the same time. The old value is no
 * error, since KV may return it for a while.
 * @param before the releases that `releases` was derived from
 */
export async function writeReleases(
  store: PublishStore,
  before: Releases,
  releases: Releases,
): Promise<void> {
  const text = JSON.stringify(releases);
  await store.writeKey(RELEASES_KEY, text);
  const now = await store.readKey(RELEASES_KEY);
  if (now === undefined || [text, JSON.stringify(before)].includes(now)) return;
  throw new HebbError('publish_failed', 'Another computer moved the pointer at the same time.', {
    hint: 'hebb models shows which model is current. Publish again if it is the wrong one.',
  });
}

/** Makes `release` the current one. A rollback then returns to the one before it. */
export function withRelease(releases: Releases, release: Release): Releases {
  const others = (list: readonly Release[]) =>
    list.filter((other) => other.prefix !== release.prefix).slice(0, REMEMBERED);
  const { current, before, withdrawn } = releases;
  return {
    current: release,
    before: others(current ? [current, ...before] : before),
    withdrawn: others(withdrawn),
  };
}

/**
 * Rolls back to the release before the current one, or to the one that `to` names by the first characters of its
 * version or of `name/version`, or by `built-in`. `to` may also name a release that was rolled back. Throws
 * `model_not_found`, `invalid_argument`.
 */
export function withoutRelease(releases: Releases, to?: string): Releases {
  const { current, before, withdrawn } = releases;
  if (to === undefined) {
    if (current) return backTo(releases, before[0] ?? null);
    throw new HebbError(
      'model_not_found',
      'The built-in model is current; there is no release before it.',
      {
        hint: 'hebb models lists the published models; hebb rollback --to VERSION selects one.',
      },
    );
  }
  const target = to === BUILT_IN ? null : find(releases, to);
  if (target?.prefix === current?.prefix) {
    throw new HebbError('invalid_argument', `${to} is already current.`, {
      hint: 'hebb models lists the others.',
    });
  }
  if (!target || !withdrawn.includes(target)) return backTo(releases, target);
  return withRelease(releases, target);
}

/** Withdraws all releases newer than `target`: one of `before`, or null for the built-in model. */
function backTo({ current, before, withdrawn }: Releases, target: Release | null): Releases {
  const at = target ? before.indexOf(target) : before.length;
  const gone = [...(current ? [current] : []), ...before.slice(0, at)];
  return {
    current: target,
    before: before.slice(at + 1),
    withdrawn: [...gone, ...withdrawn].slice(0, REMEMBERED),
  };
}

function find({ current, before, withdrawn }: Releases, to: string): Release {
  const all = [...(current ? [current] : []), ...before, ...withdrawn];
  const fits = ({ name, version }: Release) =>
    version.startsWith(to) || `${name}/${version}`.startsWith(to);
  const found = to.length >= SHORTEST_VERSION ? all.filter(fits) : [];
  if (found.length === 1) return found[0]!;
  const many = found.length > 1;
  const what = many
    ? `${found.length} published models begin with ${to}.`
    : `No published model has the version ${to}.`;
  throw new HebbError(many ? 'invalid_argument' : 'model_not_found', what, {
    hint: `hebb models lists them. Give at least ${SHORTEST_VERSION} characters that only one version begins with.`,
  });
}
