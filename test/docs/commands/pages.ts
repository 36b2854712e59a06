import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '@hebb/local/bundle';
import { type Block, blocksOf, isRunnable } from './markdown.ts';
import { RUNNING } from './running.ts';

/** README, CONTRIBUTING, and all pages of docs/ and infra/, as paths in the checkout. */
export async function pages(): Promise<string[]> {
  const found = ['README.md', 'CONTRIBUTING.md'];
  for (const folder of ['docs', 'infra']) {
    const files = await readdir(join(ROOT, folder), { recursive: true });
    const markdown = files.filter((file) => file.endsWith('.md')).sort();
    found.push(...markdown.map((file) => join(folder, file)));
  }
  return found;
}

/** The blocks that a reader can run. */
export const runnableBlocks = async (): Promise<Block[]> => (await allBlocks()).filter(isRunnable);

/** The other blocks, without the outputs of commands. */
export const otherBlocks = async (): Promise<Block[]> =>
  (await allBlocks()).filter((block) => !isRunnable(block));

async function allBlocks(): Promise<Block[]> {
  const blocks = await Promise.all(
    (await pages()).map(async (page) =>
      blocksOf(page, await readFile(join(ROOT, page), 'utf8'), RUNNING[page]),
    ),
  );
  return blocks.flat();
}
