/**
 * The emoji of Google's Noto as a data set: 64×64 drawings, whose classes are Unicode's groups.
 * @module
 */
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HebbError } from '@hebb/model/errors';
import { extract } from 'tar';
import { type Arranged, type ArrangeOptions, arrange } from '../flowers/arrange.ts';
import { mustBeNew, newFolder } from '../new-folder.ts';
import { fetchNpmArchive, fileOf, type NpmArchive, type NpmOptions } from './npm-archive.ts';

/** 1,911 emoji, without their variants of skin tone; the pictures are in img/google/64. */
export const GOOGLE_EMOJI: NpmArchive = {
  name: 'emoji-datasource-google',
  version: '16.0.0',
  bytes: 74_344_091,
  sha256: 'fb5fd131b362aab7a55542d2a147a79708cce0a8b1c1bbacd470172708b5c438',
};

const LICENSE = `The pictures are those of Noto Emoji by Google, available under the Apache License 2.0
(https://www.apache.org/licenses/LICENSE-2.0). They and their groups come from the npm package
emoji-datasource-google, whose own licence follows.

`;

/** Class by Unicode's group. `Component` is left out: its five pictures are patches of skin. */
const CLASSES: Readonly<Record<string, string>> = {
  Activities: 'activities',
  'Animals & Nature': 'animals',
  Flags: 'flags',
  'Food & Drink': 'food',
  Objects: 'objects',
  'People & Body': 'people',
  'Smileys & Emotion': 'smileys',
  Symbols: 'symbols',
  'Travel & Places': 'travel',
};

/** An entry of the package's emoji.json; only the members that are used. */
interface Emoji {
  /** Code points in hex, joined by hyphens. */
  readonly unified: string;
  /** Unique. */
  readonly short_name: string;
  /** Name of the file. */
  readonly image: string;
  readonly category: string;
  readonly has_img_google: boolean;
}

export interface EmojiOptions extends Omit<ArrangeOptions, 'size'>, NpmOptions {
  readonly archive: NpmArchive;
}

/**
 * Downloads the package with the user's npm unless it is cached, and writes the data set to `dir`, which must
 * be new or empty. Throws the errors of `fetchNpmArchive`, and `invalid_dataset` when the archive is not as
 * expected.
 */
export async function makeEmoji(dir: string, options: EmojiOptions): Promise<Arranged> {
  const { archive, cache, env, fetch, onDownload, ...rest } = options;
  await mustBeNew(dir); // before a long download
  const npm = { cache, env, fetch, ...(onDownload && { onDownload }) };
  const file = await fetchNpmArchive(archive, npm);
  let arranged: Arranged | undefined;
  await newFolder(dir, async (folder) => {
    const unpacked = join(folder, '.unpacked');
    const sorted = join(folder, '.sorted');
    await mkdir(unpacked);
    await extract({ file, cwd: unpacked, strip: 1, strict: true, filter: isUsed });
    await sortByClass(unpacked, sorted, fileOf(archive));
    arranged = await arrange(sorted, folder, rest);
    const license = await readFile(join(unpacked, 'LICENSE'), 'utf8');
    await writeFile(join(folder, 'LICENSE.txt'), LICENSE + license);
    for (const temporary of [unpacked, sorted]) await rm(temporary, { recursive: true });
  });
  return arranged!;
}

/** The archive holds sprite sheets too, of 60 MB. */
const isUsed = (path: string): boolean =>
  /^package\/(emoji\.json|LICENSE|img\/google\/64\/[0-9a-f-]+\.png)$/.test(path);

/** Copies the pictures to `<class>/<short name>.png`. */
async function sortByClass(from: string, to: string, archive: string): Promise<void> {
  const emoji = JSON.parse(await readFile(join(from, 'emoji.json'), 'utf8')) as readonly Emoji[];
  for (const name of Object.values(CLASSES)) await mkdir(join(to, name), { recursive: true });
  for (const { short_name, image, category, has_img_google, unified } of emoji) {
    const name = CLASSES[category];
    if (!has_img_google || name === undefined || isVariant(category, unified)) continue;
    if (!/^[\w+-]+$/.test(short_name) || !/^[0-9a-f-]+\.png$/.test(image)) {
      throw new HebbError('invalid_dataset', `${archive} has an unexpected name: ${short_name}.`);
    }
    await copyFile(join(from, 'img', 'google', '64', image), join(to, name, `${short_name}.png`));
  }
}

/**
 * Whether an emoji is a joined sequence of people, such as a woman of some profession. It resembles the one of a
 * man so much that the validation images would not be new to the network.
 */
const isVariant = (category: string, unified: string): boolean =>
  category === 'People & Body' && unified.includes('200D');
