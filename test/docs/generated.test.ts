import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { errorTables, fillBlock, generatedPages } from '../../scripts/docs/pages.ts';
import { ERRORS } from '../../shared/model/errors.ts';

it('the docs say what the results and the table of errors say (npm run docs)', async () => {
  for (const [path, content] of await generatedPages()) {
    expect(await readFile(path, 'utf8'), path).toBe(content);
  }
});

it('every error is listed, with its hint and when it fires', async () => {
  const source = await readFile(new URL('../../shared/model/errors.ts', import.meta.url), 'utf8');
  const rows = errorTables(source).split('\n');
  for (const [code, { status, hint }] of Object.entries(ERRORS)) {
    const own = rows.filter((row) => row.startsWith(`| \`${code}\` `));
    expect(own, code).toEqual([
      expect.stringMatching(/^\| `\w+` \| \d{3} \| .{10,} \| .{10,} \|$/),
    ]);
    expect(own[0]).toContain(`| ${status} |`);
    expect(own[0]).toContain(`| ${hint} |`);
  }
  expect(new Set(rows).size).toBeGreaterThan(Object.keys(ERRORS).length);
});

it('a block is replaced, and the page around it kept', () => {
  const page = 'before\n<!-- x: why -->\nold\n<!-- end of x -->\nafter';
  expect(fillBlock(page, 'x', 'a $1 b')).toBe(
    'before\n<!-- x: why -->\n\na $1 b\n\n<!-- end of x -->\nafter',
  );
  expect(() => fillBlock(page, 'y', '')).toThrow('y');
});
