/**
 * The code blocks of a Markdown page, with their way to run (running.ts) and the output that the page shows.
 * @module
 */
import type { Running } from './running.ts';

export interface Block {
  /** Page and line of the fence, e.g. `docs/jobs.md:12`. */
  readonly at: string;
  /** `sh`, `ts`, `json`, … */
  readonly language: string;
  readonly code: string;
  readonly running: Running;
  /** The output that the page shows. */
  readonly output?: { readonly language: string; readonly text: string };
}

const FENCE = /^```(\w*)$/;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * All fenced blocks of a page. A block in another language directly after a runnable one is its output.
 * @param page its path, for messages
 * @param running by the beginning of a block, its way to run
 */
export function blocksOf(
  page: string,
  markdown: string,
  running: Readonly<Record<string, Running>> = {},
): Block[] {
  const blocks: Mutable<Block>[] = [];
  let adjacent = false;
  for (const piece of pieces(markdown)) {
    if (piece === 'text') {
      adjacent = false;
      continue;
    }
    const { language, code, line } = piece;
    const before = blocks.at(-1);
    const isOutput = before && (adjacent || (before.running.outputLater && !before.output));
    if (isOutput && isRunnable(before) && !isRunnable(piece)) {
      before.output = { language, text: code };
    } else {
      const [, own = {}] = Object.entries(running).find(([begin]) => code.startsWith(begin)) ?? [];
      blocks.push({ at: `${page}:${line}`, language, code, running: own });
    }
    adjacent = true;
  }
  return blocks;
}

/** Languages of commands and of programs to copy. */
export const isRunnable = ({ language }: { readonly language: string }): boolean =>
  ['sh', 'ts', 'js', 'python'].includes(language);

interface Fenced {
  readonly language: string;
  readonly code: string;
  readonly line: number;
}

/** The blocks, and `text` for each non-empty line between them. */
function* pieces(markdown: string): Generator<Fenced | 'text'> {
  const lines = markdown.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const language = FENCE.exec(lines[i]!)?.[1];
    if (language !== undefined) {
      const end = lines.indexOf('```', i + 1);
      if (end < 0) throw new Error(`The block that begins in line ${i + 1} does not end.`);
      yield { language, code: lines.slice(i + 1, end).join('\n'), line: i + 1 };
      i = end;
    } else if (lines[i]!.trim() !== '') yield 'text';
  }
}
