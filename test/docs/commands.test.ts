/**
 * Every command of the docs, run: in a copy of the checkout, with both tiers up. What cannot be run here
 * says why, and is counted.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isMarked } from './commands/markdown.ts';
import { missing } from './commands/output.ts';
import { otherBlocks, runnableBlocks } from './commands/pages.ts';
import { openSandbox, type Sandbox, WITHOUT } from './commands/sandbox.ts';
import { lackingTools } from './commands/tools.ts';

const all = process.env.HEBB_TEST_ALL === '1';
const blocks = await runnableBlocks();
const notRun = blocks.filter(({ comments }) => comments.has('not run') || comments.has('without'));
const long = blocks.filter((block) => isMarked(block, 'long'));
const now = blocks.filter((block) => all || !long.includes(block));

describe('the commands of the docs', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await openSandbox();
  });
  afterAll(() => sandbox.close());

  for (const block of now) {
    const { comments } = block;
    if (comments.has('not run') && !comments.has('run instead')) continue;
    const minutes = isMarked(block, 'long') ? 30 : 10; // on a busy machine
    const title = comments.has('run instead') ? `${block.at}, what can be run of it` : block.at;
    const lacking = lackingTools(block);
    if (lacking.length > 0) console.warn(`SKIPPED for want of ${lacking.join(', ')}: ${block.at}`);
    it.skipIf(lacking.length > 0)(
      title,
      async () => {
        const { code, stdout, stderr } = await sandbox.run(block, minutes * 60_000);
        expect(code, `${block.code}\n${stdout}${stderr}`).toBe(0);
        if (!block.output || comments.has('run instead')) return;
        expect(missing(block.output, stdout), `${stdout}\n${stderr}`).toEqual([]);
      },
      (minutes + 1) * 60_000,
    );
  }
});

it('no commands hide in blocks of another kind', async () => {
  for (const { at, language, code } of await otherBlocks()) {
    expect(['', 'json', 'toml', 'yaml'], at).toContain(language);
    expect(code, at).not.toMatch(/^(\$ |npx |npm |curl |docker |sudo )/m);
  }
});

describe('what is not run', () => {
  it('says why', () => {
    for (const { at, comments } of notRun) {
      const pattern = comments.has('without') ? WITHOUT : /^.{10,}/;
      expect(comments.get('without') ?? comments.get('not run'), at).toMatch(pattern);
    }
    const list = notRun.map(({ at, comments }) => {
      const inPart = comments.has('run instead') || comments.has('without');
      const reason = comments.get('not run') ?? comments.get('without');
      return `  ${at}${inPart ? ' (in part)' : ''}: ${reason?.replaceAll('\n', ' ')}`;
    });
    console.log(
      `Not run as they are, ${list.length} of ${blocks.length} blocks:\n${list.join('\n')}`,
    );
    if (!all) console.log(`Run by npm run test:all: ${long.map(({ at }) => at).join(', ')}`);
  });
});
