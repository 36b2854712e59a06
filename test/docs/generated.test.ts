import { readFile } from 'node:fs/promises';
import { ERRORS } from '@hebb/model/errors';
import { errorTables, fillBlock, generatedPages } from '@hebb/scripts/docs/pages';
import { expect, it } from 'vitest';

it('generated parts are up to date (npm run docs)', async () => {
  for (const [path, content] of await generatedPages()) {
    expect(await readFile(path, 'utf8'), path).toBe(content);
  }
});

it('every error has one row, with its status, its cause and its hint', () => {
  const rows = errorTables().split('\n');
  for (const [code, { status, when, hint }] of Object.entries(ERRORS)) {
    const own = rows.filter((row) => row.startsWith(`| \`${code}\` `));
    expect(own, code).toHaveLength(1);
    if (status) expect(own[0]).toContain(`| \`${code}\` | ${status} |`);
    expect(own[0]).toContain(`| ${when} | ${hint} |`);
  }
});

it('a block is replaced, and the rest of the page is kept', () => {
  const page = 'before\n<!-- x: why -->\nold\n<!-- end of x -->\nafter';
  expect(fillBlock(page, 'x', 'a $1 b')).toBe(
    'before\n<!-- x: why -->\n\na $1 b\n\n<!-- end of x -->\nafter',
  );
  expect(() => fillBlock(page, 'y', '')).toThrow('y');
});
