import { expect, test } from 'vitest';
import { parseOptions } from './options.ts';

test('the default bench is engines', () => {
  expect(parseOptions([])).toEqual({
    command: 'engines',
    rounds: 15,
    makePeerModels: false,
    profile: false,
    pytorch: false,
  });
  expect(parseOptions(['kernels', '--quick'])).toMatchObject({ command: 'kernels', rounds: 3 });
  expect(parseOptions(['--rounds', '40', '--quick'])).toMatchObject({ rounds: 40 });
  expect(parseOptions(['--help'])).toBeUndefined();
});

test.each([
  [['engine']],
  [['engines', 'kernels']],
  [['--round', '3']],
  [['--rounds', '0']],
  [['--rounds', '3x']],
  [['--json']],
])('%j is refused with a pointer to the help', (args) => {
  expect(() => parseOptions(args)).toThrow(
    expect.objectContaining({ code: 'invalid_argument', hint: expect.stringContaining('--help') }),
  );
});
