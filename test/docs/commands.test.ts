/**
 * Runs every command of the docs in a copy of the checkout, with both tiers running. commands/running.ts lists
 * the blocks that need preparation or cannot run, with the reasons.
 */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Block } from './commands/markdown.ts';
import { missing } from './commands/output.ts';
import { otherBlocks, runnableBlocks } from './commands/pages.ts';
import { RUNNING } from './commands/running.ts';
import { openSandbox, type Sandbox } from './commands/sandbox.ts';

const all = process.env.HEBB_TEST_ALL === '1';
const blocks = await runnableBlocks();
const notRun = blocks.filter(({ running }) => running.notRun || running.without);
const long = blocks.filter(({ running }) => running.long);
const now = blocks.filter((block) => all || !long.includes(block));

/** Programs in the docs that a minimal machine may lack. */
const TOOLS = ['curl', 'zip', 'openssl', 'tar'].map((name) => ({
  name,
  pattern: new RegExp(`(^|[|&(\\s])${name} `, 'm'),
  isThere: spawnSync('sh', ['-c', `command -v ${name}`]).status === 0,
}));

/** The missing tools of a block. */
function lackingTools({ code, running }: Block): string[] {
  const script = running.notRun ? (running.instead ?? '') : code;
  return TOOLS.filter(({ isThere, pattern }) => !isThere && pattern.test(script)).map(
    ({ name }) => name,
  );
}

describe('the commands of the docs', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await openSandbox();
  });
  afterAll(() => sandbox.close());

  for (const block of now) {
    const { long, notRun, instead } = block.running;
    if (notRun && !instead) continue;
    const minutes = long ? 30 : 10; // on a busy machine
    const title = instead ? `${block.at}, in part` : block.at;
    const lacking = lackingTools(block);
    if (lacking.length > 0) console.warn(`SKIPPED without ${lacking.join(', ')}: ${block.at}`);
    it.skipIf(lacking.length > 0)(
      title,
      async () => {
        const { code, stdout, stderr } = await sandbox.run(block, minutes * 60_000);
        expect(code, `${block.code}\n${stdout}${stderr}`).toBe(0);
        if (!block.output || instead) return;
        expect(missing(block.output, stdout), `${stdout}\n${stderr}`).toEqual([]);
      },
      (minutes + 1) * 60_000,
    );
  }
});

it('blocks in other languages contain no commands', async () => {
  for (const { at, language, code } of await otherBlocks()) {
    expect(['', 'json', 'toml', 'yaml'], at).toContain(language);
    expect(code, at).not.toMatch(/^(\$ |npx |npm |curl |docker |sudo )/m);
  }
});

describe('blocks that are not run', () => {
  it('have a reason each', () => {
    for (const { at, running } of notRun) {
      expect(running.notRun ?? running.without?.why, at).toMatch(/^.{10,}/);
    }
    const list = notRun.map(({ at, running: { notRun, instead, without } }) => {
      const reason = notRun ?? `${without?.line}: ${without?.why}`;
      return `  ${at}${instead || without ? ' (in part)' : ''}: ${reason}`;
    });
    console.log(
      `Not run as they are, ${list.length} of ${blocks.length} blocks:\n${list.join('\n')}`,
    );
    if (!all) console.log(`Run by npm run test:all: ${long.map(({ at }) => at).join(', ')}`);
  });
});

it('each entry of running.ts matches exactly one block', () => {
  for (const [page, own] of Object.entries(RUNNING)) {
    for (const begin of Object.keys(own)) {
      const named = blocks.filter(
        ({ at, code }) => at.startsWith(`${page}:`) && code.startsWith(begin),
      );
      expect(named, `${page}: ${begin}`).toHaveLength(1);
    }
  }
});
