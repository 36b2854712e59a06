import { NO_RELEASES, parseReleases, type Release, type Releases } from '@hebb/model';
import { describe, expect, it } from 'vitest';
import { withoutRelease, withRelease } from './releases.ts';

/** A release whose version repeats one letter: `release('b')`. */
function release(letter: string, name = 'flowers'): Release {
  const version = letter.repeat(64);
  return {
    name,
    version,
    prefix: `models/${name}/${version}`,
    publishedAt: '2026-05-01T00:00:00Z',
  };
}
const [a, b, c] = [release('a'), release('b'), release('c')];

const published = (...releases: Release[]): Releases => releases.reduce(withRelease, NO_RELEASES);
/** `c < b a | d`: current, before, withdrawn. */
const letters = ({ current, before, withdrawn }: Releases): string => {
  const first = (list: readonly Release[]) => list.map(({ version }) => version[0]).join(' ');
  return `${current?.version[0] ?? 'built-in'} < ${first(before)} | ${first(withdrawn)}`;
};

describe('publishing', () => {
  it('makes the new release current and keeps the older ones', () => {
    expect(letters(published(a, b, c))).toBe('c < b a | ');
  });

  it('names each package once', () => {
    expect(letters(published(a, b, a))).toBe('a < b | ');
    expect(letters(published(a, b, b))).toBe('b < a | ');
  });

  it('publishes a withdrawn package again', () => {
    expect(letters(withRelease(withoutRelease(published(a, b)), b))).toBe('b < a | ');
  });

  it('keeps a limited number of old releases', () => {
    const many = Array.from({ length: 200 }, (_, i) => release('d', `model-${i}`));
    const { before } = published(...many);
    expect(before).toHaveLength(50);
    expect(before[0]!.name).toBe('model-198');
  });
});

describe('rolling back', () => {
  it('goes back step by step, finally to the built-in model', () => {
    const once = withoutRelease(published(a, b));
    expect(letters(once)).toBe('a <  | b');
    const twice = withoutRelease(once);
    expect(letters(twice)).toBe('built-in <  | a b');
    expect(() => withoutRelease(twice)).toThrow('there is no release before it');
  });

  it('never returns to a withdrawn release', () => {
    const fixed = withRelease(withoutRelease(published(a, b)), c);
    expect(letters(fixed)).toBe('c < a | b');
    expect(letters(withoutRelease(fixed))).toBe('a <  | c b');
  });

  it('goes back to a named version, and forward again', () => {
    const back = withoutRelease(published(a, b, c), 'aaaa');
    expect(letters(back)).toBe('a <  | c b');
    expect(letters(withoutRelease(back, 'cccccc'))).toBe('c < a | b');
    expect(letters(withoutRelease(published(a, b), 'built-in'))).toBe('built-in <  | b a');
  });

  it('refuses an unknown, an ambiguous and the current version', () => {
    const releases = published(a, release('a', 'birds'), b);
    expect(() => withoutRelease(releases, 'dddd')).toThrow('No published model has the version');
    expect(() => withoutRelease(releases, 'aaa')).toThrow('No published model'); // too short
    expect(() => withoutRelease(releases, 'aaaa')).toThrow('2 published models begin with aaaa');
    expect(withoutRelease(releases, 'flowers/aaaa').current).toEqual(a);
    expect(() => withoutRelease(releases, 'bbbb')).toThrow('bbbb is already current');
  });
});

describe("the registry's value", () => {
  it('is read back as it was written', () => {
    const releases = withoutRelease(published(a, b, c));
    expect(parseReleases(JSON.stringify(releases))).toEqual(releases);
  });

  it.each([
    'null',
    '[]',
    '{',
    '{"current":null}',
    '{"current":{"name":"x"},"before":[],"withdrawn":[]}',
    '{"current":null,"before":[null],"withdrawn":[]}',
  ])('is refused as %s', (text) => {
    expect(() => parseReleases(text)).toThrow('cannot be read');
  });
});
