import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../../../scripts/worker/bundle.ts';
import { type Block, blocksOf, isRunnable } from './markdown.ts';

/** Every block of README, CONTRIBUTING, docs/ and infra/ that a reader may run. */
export async function runnableBlocks(): Promise<Block[]> {
  const folders = ['docs', 'infra'];
  const pages = ['README.md', 'CONTRIBUTING.md'];
  for (const folder of folders) {
    const files = await readdir(join(ROOT, folder), { recursive: true });
    pages.push(
      ...files
        .filter((file) => file.endsWith('.md'))
        .sort()
        .map((file) => join(folder, file)),
    );
  }
  const blocks = await Promise.all(
    pages.map(async (page) => blocksOf(page, await readFile(join(ROOT, page), 'utf8'))),
  );
  return blocks.flat().filter(isRunnable);
}
