import { describe, expect, it } from 'vitest';
import { blocksOf } from './commands/markdown.ts';
import { missing } from './commands/output.ts';

const fence = '```';

describe('a page', () => {
  it('has blocks, each with its way to run', () => {
    const page = `# A page

${fence}sh
ls -l
${fence}

<!-- a comment -->
${fence}sh
pwd
${fence}`;
    const [first, second, ...others] = blocksOf('page.md', page, { 'ls ': { long: true } });
    expect(first).toEqual({
      at: 'page.md:3',
      language: 'sh',
      code: 'ls -l',
      running: { long: true },
    });
    expect([second!.code, second!.running, others]).toEqual(['pwd', {}, []]);
  });

  it.each([
    ['follows directly', '', {}],
    ['follows a sentence', 'It prints:\n\n', { curl: { outputLater: true } }],
  ] as const)('has output that %s', (_, between, running) => {
    const page = `${fence}sh\ncurl x\n${fence}\n\n${between}${fence}json\n{}\n${fence}`;
    const output = { language: 'json', text: '{}' };
    expect(blocksOf('page.md', page, running)).toMatchObject([{ output }]);
  });

  it('does not treat every JSON block as output', () => {
    const page = `${fence}sh\ncurl x\n${fence}\n\nA file:\n\n${fence}json\n{}\n${fence}`;
    expect(blocksOf('page.md', page).map(({ language }) => language)).toEqual(['sh', 'json']);
  });
});

describe('output', () => {
  const shown = (text: string) => ({ language: 'json', text });

  it.each([
    [
      'other numbers and additional keys',
      '{"a": 1, "b": [{"c": "x"}]}',
      '{"a": 7, "b": [{"c": "y"}], "d": 0}',
    ],
    [
      'a line for each value, between other lines',
      '{"a": 1}\n{"b": "x"}',
      'begun\n{"b": ""}\n{"a": 2}',
    ],
    ['an empty list, if the page shows one', '{"a": []}', '{"a": []}'],
  ])('may have %s', (_, page, actual) => {
    expect(missing(shown(page), actual)).toEqual([]);
  });

  it.each([
    ['a key is missing', '{"a": 1, "b": 2}', '{"a": 1}'],
    ['a type differs', '{"a": 1}', '{"a": "1"}'],
    ['a list is empty', '{"a": [{"b": 1}]}', '{"a": []}'],
    ['it is an error instead', '{"model": {}}', '{"error": {}}'],
    ['it is empty', '{"a": 1}', ''],
  ])('differs if %s', (_, page, actual) => {
    expect(missing(shown(page), actual)).toHaveLength(1);
  });

  it('may differ in numbers and at … if it is text', () => {
    const text = { language: 'text', text: 'made x in 12 ms\n…\nat https://… now' };
    expect(missing(text, 'made x in 3.5 ms\nmore\nat https://a.b now')).toEqual([]);
    expect(missing(text, 'made y in 3.5 ms\nat https://a.b now')).toEqual(['made x in 12 ms']);
  });
});
