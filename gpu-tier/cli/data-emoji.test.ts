import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hebb } from '@hebb/test/support/cli';
import { fileHandler, startServer, unreachableUrl } from '@hebb/test/support/http-server';
import { photo } from '@hebb/test/support/photos';
import { type TarEntry, tarGz } from '@hebb/test/support/tar-writer';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { readDataset } from '@hebb/train/dataset/read';
import { describe, expect, it } from 'vitest';
import { dataCommand } from './data.ts';

const ABOUT = { name: 'emoji-datasource-google', version: '16.0.0' };

/** Like the package, but small: eight animals, six foods, and what is left out. */
async function smallPackage(): Promise<Buffer> {
  const emoji: object[] = [];
  const entries: TarEntry[] = [
    { path: 'package/LICENSE', content: Buffer.from('The MIT License') },
    { path: 'package/img/google/sheets/64.png', content: new Uint8Array(1000) },
  ];
  const add = async (category: string, unified: string, has_img_google = true) => {
    const image = `${unified.toLowerCase()}.png`;
    emoji.push({ category, unified, image, has_img_google, short_name: `e_${unified}` });
    // A JPEG by content: the decoder does not go by the name.
    const content = await photo(entries.length, { width: 64, height: 64 });
    entries.push({ path: `package/img/google/64/${image}`, content });
  };
  for (let i = 0; i < 8; i++) await add('Animals & Nature', `1F40${i}`);
  for (let i = 0; i < 6; i++) await add('Food & Drink', `1F35${i}`);
  for (let i = 0; i < 4; i++) await add('People & Body', `1F48${i}`);
  await add('People & Body', '1F469-200D-1F680');
  await add('Component', '1F3FB');
  await add('Food & Drink', '1F36F', false);
  entries.push({ path: 'package/emoji.json', content: Buffer.from(JSON.stringify(emoji)) });
  return tarGz(entries);
}

const bytes = await smallPackage();
const archive = {
  ...ABOUT,
  bytes: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
};

/** A registry with the package, and `hebb data emoji` with npm configured for it. */
async function folder(served: Uint8Array = bytes, secret?: string) {
  const cwd = await temporaryFolder();
  const file = fileHandler(served, { etag: '"1"' });
  const registry = await startServer((request, response) => {
    if (secret !== undefined && request.headers.authorization !== `Bearer ${secret}`) {
      response.writeHead(401).end();
      return;
    }
    if (request.url!.endsWith('.tgz')) return file(request, response);
    const integrity = `sha512-${createHash('sha512').update(served).digest('base64')}`;
    const tarball = `${registry.url}/files/emoji-datasource-google-16.0.0.tgz`;
    const versions = { '16.0.0': { ...ABOUT, dist: { tarball, integrity } } };
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ ...ABOUT, 'dist-tags': { latest: '16.0.0' }, versions }));
  });
  const host = registry.url.replace('http:', '');
  const env = {
    PATH: process.env.PATH,
    HOME: cwd,
    HEBB_CACHE: join(cwd, 'cache'),
    npm_config_registry: `${registry.url}/`,
    npm_config_cache: join(cwd, '.npm'),
    npm_config_fetch_retries: '0',
    ...(secret !== undefined && { [`npm_config_${host}/:_authToken`]: secret }),
  };
  const run = (args: readonly string[], other: Readonly<Record<string, string>> = {}) =>
    hebb(['data', 'emoji', ...args], {
      cwd,
      env: { ...env, ...other },
      commands: [(cli) => dataCommand(cli, undefined, archive)],
    });
  const archives = () => registry.requests.filter((request) => request.includes('.tgz'));
  return { cwd, run, archives };
}

describe('hebb data emoji', () => {
  it('downloads from the registry of npm, sorts by group, splits, and names the licence', async () => {
    const { cwd, run, archives } = await folder();
    const { code, stdout, stderr } = await run(['emoji', '--val-share', '0.25']);
    expect({ code, stdout }, stderr).toEqual({
      code: 0,
      stdout: [
        'Wrote emoji: animals, food, people',
        '  13 drawings to train on, 5 to validate',
        '  The pictures are licensed Apache-2.0; LICENSE.txt names their authors.',
        'Next: hebb train --data emoji --recipe quick',
        '',
      ].join('\n'),
    });
    expect(archives()).toEqual(['/files/emoji-datasource-google-16.0.0.tgz']);
    const { classes, train, val } = await readDataset(join(cwd, 'emoji'));
    expect([classes, train.length, val.length]).toEqual([['animals', 'food', 'people'], 13, 5]);
    expect((await readdir(join(cwd, 'emoji'))).sort()).toEqual(['LICENSE.txt', 'train', 'val']);
    const people = [train, val].flat().filter(({ label }) => label === 2);
    expect(people).toHaveLength(4); // without the joined sequence
    const license = await readFile(join(cwd, 'emoji', 'LICENSE.txt'), 'utf8');
    expect(license).toMatch(/Noto Emoji by Google[\s\S]*The MIT License$/);
  });

  it('splits the same way each time, and downloads once', async () => {
    const { cwd, run, archives } = await folder();
    const fingerprint = async (name: string, ...args: string[]) => {
      expect((await run([name, ...args])).code).toBe(0);
      return (await readDataset(join(cwd, name))).fingerprint;
    };
    const first = await fingerprint('a');
    expect(await fingerprint('b')).toBe(first);
    expect(await fingerprint('c', '--seed', '5')).not.toBe(first);
    expect(archives()).toHaveLength(1);
  });

  it('lets npm download where a plain request is refused', async () => {
    const { cwd, run } = await folder(bytes, 'secret');
    const { code, stderr } = await run(['emoji']);
    expect(code, stderr).toBe(0);
    expect((await readDataset(join(cwd, 'emoji'))).classes).toEqual(['animals', 'food', 'people']);
  });

  it('refuses an archive with another checksum, and writes nothing', async () => {
    const other = Buffer.from(bytes);
    other[100]! ^= 1;
    const { cwd, run } = await folder(other);
    const { code, stderr } = await run(['emoji']);
    expect(code).toBe(1);
    expect(stderr).toContain('error checksum_mismatch');
    expect(await readdir(cwd)).not.toContain('emoji');
  });

  it('reports a registry that does not answer, and a machine without npm', async () => {
    const { run } = await folder();
    const dead = await run(['emoji'], { npm_config_registry: await unreachableUrl() });
    expect(dead.code).toBe(1);
    expect(dead.stderr).toContain('error download_failed: npm cannot download');
    const none = await run(['emoji'], { PATH: '' });
    expect(none.code).toBe(1);
    expect(none.stderr).toContain('error download_failed: npm cannot download');
    expect(none.stderr).toContain('→ Check that npm view emoji-datasource-google works here');
  });
});
