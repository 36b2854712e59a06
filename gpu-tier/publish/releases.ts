/**
 * What publishing and rolling back do to the registry's value; pure functions.
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
} from '../../shared/model/index.ts';
import type { PublishStore } from './store.ts';

/** So many releases are remembered on either side of the current one; their objects stay anyway. */
const REMEMBERED = 50;

const SHORTEST_VERSION = 4;

export async function readReleases(store: PublishStore): Promise<Releases> {
  const text = await store.readKey(RELEASES_KEY);
  return text === undefined ? NO_RELEASES : parseReleases(text);
}

/**
 * Moves the pointer from what `before` says, by one write, and reads it back. Throws
 * `publish_failed` when something else is there then: two computers published to one account at the
 * same time. KV may still give the value before for a while, which is no sign of anything.
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
  throw new HebbError('publish_failed', 'The pointer was moved by someone else meanwhile.', {
    hint: 'See what is current with hebb models, and publish again if it is the wrong one.',
  });
}

/** Makes `release` the current one. What was current is what a rollback goes back to. */
export function withRelease(releases: Releases, release: Release): Releases {
  const others = (list: readonly Release[]) =>
    list.filter((other) => other.prefix !== release.prefix).slice(0, REMEMBERED);
  const { current, before, withdrawn } = releases;
  return {
    current: release,
    before: others(current ? [current, ...before] : before), // without itself, if it was current
    withdrawn: others(withdrawn),
  };
}

/**
 * Goes back to the release before the current one, or to the one that `to` names: the first
 * characters of its version or of `name/version`, or `built-in`. Also goes forward again, to one
 * that was rolled back. Throws `model_not_found`, `invalid_argument`.
 */
export function withoutRelease(releases: Releases, to?: string): Releases {
  const { current, before, withdrawn } = releases;
  if (to === undefined) {
    if (current) return backTo(releases, before[0] ?? null);
    throw new HebbError('model_not_found', 'The built-in model is current: nothing is before it.', {
      hint: 'hebb models lists what was published; hebb rollback --to VERSION takes one of those.',
    });
  }
  const target = to === BUILT_IN ? null : find(releases, to);
  if (target?.prefix === current?.prefix) {
    throw new HebbError('invalid_argument', `${to} is current already.`, {
      hint: 'hebb models lists the others.',
    });
  }
  if (!target || !withdrawn.includes(target)) return backTo(releases, target);
  return withRelease(releases, target);
}

/** `target` is one of `before`, or null for the built-in model; what is newer is withdrawn. */
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
    hint: `hebb models lists them; ${SHORTEST_VERSION} characters or more that only one has will do.`,
  });
}
