/**
 * Blocks of code in a Markdown page, and what comments in front of them say about running them:
 *
 *     <!-- run: long -->                  only with the long tests
 *     <!-- run: account -->               wrangler talks to a stand-in of Cloudflare's API
 *     <!-- run: long, account -->         both
 *     <!-- run first: COMMANDS -->        prepares what the block needs
 *     <!-- without: TEXT (REASON) -->     leaves out the lines that begin with the text
 *     <!-- not run: REASON -->            what it needs is not here
 *     <!-- run instead: COMMANDS -->      what can be run of it
 *     <!-- output -->                     shows what the block before it prints (so does one that
 *                                         follows it with nothing between them)
 *
 * @module
 */

export interface Block {
  /** `docs/jobs.md:12`: the line of the fence. */
  readonly at: string;
  /** `sh`, `ts`, `json`, … */
  readonly language: string;
  readonly code: string;
  /** The comments in front of it, by what stands before the colon. */
  readonly comments: ReadonlyMap<string, string>;
  /** What the page says that it prints. */
  readonly output?: { readonly language: string; readonly text: string };
}

const FENCE = /^```(\w*)$/;
const COMMENT = /^<!-- (run|run first|without|not run|run instead|output)(?:: ([\s\S]+?))? -->$/;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** All fenced blocks of a page. @param page its path, for messages */
export function blocksOf(page: string, markdown: string): Block[] {
  const blocks: Mutable<Block>[] = [];
  let comments = new Map<string, string>();
  let adjacent = false;
  for (const piece of pieces(markdown)) {
    if (piece.kind === 'comment') comments.set(piece.name, piece.text);
    else if (piece.kind === 'text') [comments, adjacent] = [new Map(), false];
    else {
      const { language, code, line } = piece;
      const before = blocks.at(-1);
      if (
        before &&
        isRunnable(before) &&
        !isRunnable(piece) &&
        (adjacent || comments.has('output'))
      ) {
        before.output = { language, text: code };
      } else blocks.push({ at: `${page}:${line}`, language, code, comments });
      [comments, adjacent] = [new Map(), true];
    }
  }
  return blocks;
}

/** Whether its comment `run` says so. */
export const isMarked = ({ comments }: Block, mark: 'long' | 'account'): boolean =>
  (comments.get('run') ?? '').split(', ').includes(mark);

/** Languages that are commands, or programs that the reader is to copy. */
export const isRunnable = ({ language }: { readonly language: string }): boolean =>
  ['sh', 'ts', 'js', 'python'].includes(language);

type Piece =
  | { readonly kind: 'text' }
  | { readonly kind: 'comment'; readonly name: string; readonly text: string }
  | {
      readonly kind: 'block';
      readonly language: string;
      readonly code: string;
      readonly line: number;
    };

function* pieces(markdown: string): Generator<Piece> {
  const lines = markdown.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const language = FENCE.exec(lines[i]!)?.[1];
    if (language !== undefined) {
      const end = lines.indexOf('```', i + 1);
      if (end < 0) throw new Error(`A block that begins in line ${i + 1} does not end.`);
      yield { kind: 'block', language, code: lines.slice(i + 1, end).join('\n'), line: i + 1 };
      i = end;
    } else if (lines[i]!.startsWith('<!-- ')) {
      const end = lines.findIndex((line, n) => n >= i && line.endsWith('-->'));
      const [, name, text = ''] = COMMENT.exec(lines.slice(i, end + 1).join('\n')) ?? [];
      yield name === undefined ? { kind: 'text' } : { kind: 'comment', name, text };
      i = end;
    } else if (lines[i]!.trim() !== '') yield { kind: 'text' };
  }
}
