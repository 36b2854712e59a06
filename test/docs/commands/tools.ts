import { spawnSync } from 'node:child_process';
import type { Block } from './markdown.ts';

/** What the docs use besides Node and bash, and a bare machine may lack. */
const TOOLS = ['curl', 'zip', 'openssl', 'tar'].map((name) => ({
  name,
  pattern: new RegExp(`(^|[|&(\\s])${name} `, 'm'),
  isThere: spawnSync('sh', ['-c', `command -v ${name}`]).status === 0,
}));

/** Tools that a block needs and that are not there. */
export function lackingTools({ code, running }: Block): string[] {
  const script = running.notRun ? (running.instead ?? '') : code;
  return TOOLS.filter(({ isThere, pattern }) => !isThere && pattern.test(script)).map(
    ({ name }) => name,
  );
}
