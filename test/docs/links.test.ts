import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { ROOT } from '@hebb/local/bundle';
import { describe, expect, it } from 'vitest';
import { pages } from './commands/pages.ts';

/** The anchor that GitHub makes of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

async function anchorsOf(path: string): Promise<string[]> {
  const text = (await readFile(path, 'utf8')).replace(/^```[\s\S]*?^```/gm, '');
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!));
}

const found = await pages();

describe('links between the docs', () => {
  for (const page of [...found, 'CHANGELOG.md']) {
    it(`in ${page} have a target`, async () => {
      const text = (await readFile(join(ROOT, page), 'utf8')).replace(/^```[\s\S]*?^```/gm, '');
      for (const [, link] of text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
        const [path = '', anchor] = link!.split('#');
        const target = path === '' ? join(ROOT, page) : join(ROOT, dirname(page), path);
        expect(existsSync(target), `${page}: ${link}`).toBe(true);
        expect(relative(ROOT, target), `${page}: ${link}`).not.toMatch(/^\.\./);
        if (anchor && target.endsWith('.md')) {
          expect(await anchorsOf(target), `${page}: ${link}`).toContain(anchor);
        }
      }
    });
  }
});

it('named files exist', async () => {
  const name = /(?:^|[`( ])((?:edge|gpu-tier|shared|scripts|test|infra)\/[\w./-]*[\w/])/gm;
  for (const page of found) {
    const text = await readFile(join(ROOT, page), 'utf8');
    const names = [...text.matchAll(name)].map(([, path]) => path!);
    const lost = names.filter(
      (path) => !existsSync(join(ROOT, path)) && !existsSync(join(ROOT, dirname(page), path)),
    );
    expect(lost, page).toEqual([]);
  }
});

it('the README links every page of docs/ and infra/', async () => {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  for (const page of found) {
    if (page !== 'README.md') expect(readme).toContain(`(${page})`);
  }
});
