import { tar } from '@hebb/test/support/tar-writer';

export interface EdgeRun {
  /** From sending to the first result, and to the last: ms. */
  readonly firstMs: number;
  readonly allMs: number;
  /** Results by the tier that gave them; `error` for those without. */
  readonly tiers: Readonly<Record<string, number>>;
}

/** A batch's body. */
export const bodyOf = (images: readonly Uint8Array[]): Uint8Array<ArrayBuffer> =>
  new Uint8Array(tar(images.map((content, i) => ({ path: `${i}.jpg`, content }))));

/** Sends a batch to the edge and reads the answer to its end. */
export async function throughEdge(url: URL, body: Uint8Array<ArrayBuffer>): Promise<EdgeRun> {
  const began = performance.now();
  const response = await fetch(new URL('/v1/batch?top=1', url), {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-tar' },
    body,
  });
  let firstMs: number | undefined;
  let text = '';
  const decoder = new TextDecoder();
  for await (const piece of response.body!) {
    text += decoder.decode(piece as Uint8Array, { stream: true });
    if (text.trimStart().includes('\n')) firstMs ??= performance.now() - began;
  }
  const allMs = performance.now() - began;
  const tiers: Record<string, number> = {};
  for (const line of text.split('\n').filter((line) => line !== '')) {
    const { tier = 'error' } = JSON.parse(line) as { tier?: string };
    tiers[tier] = (tiers[tier] ?? 0) + 1;
  }
  return { firstMs: firstMs ?? allMs, allMs, tiers };
}
