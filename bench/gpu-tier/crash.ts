/**
 * Kills the model process in the middle of a series of requests, and checks every answer.
 * @module
 */
import type { CrashResult } from '../results.ts';
import type { Client, Reply } from './client.ts';

export interface CrashOptions {
  readonly requests: number;
  readonly clients: number;
  readonly pixels: readonly Uint8Array[];
  /** Kills the model process with SIGKILL. */
  readonly kill: () => void;
}

/** Largest difference of a probability: rounding depends on the size of the batch. */
const TOLERANCE = 1e-4;

export async function crashUnderLoad(client: Client, options: CrashOptions): Promise<CrashResult> {
  const { requests, clients, pixels, kill } = options;
  const expected: Float32Array[] = [];
  for (const image of pixels) expected.push((await client.infer(image)).probabilities!);
  const refused: Record<string, number> = {};
  let [sent, answered, right, wrong, lost] = [0, 0, 0, 0, 0];

  const judge = (reply: Reply | undefined, image: number) => {
    if (!reply) lost++;
    else if (reply.probabilities) {
      if (isClose(reply.probabilities, expected[image]!)) right++;
      else wrong++;
    } else {
      const kind = `${reply.status} ${reply.code}`;
      refused[kind] = (refused[kind] ?? 0) + 1;
    }
  };
  const loop = async () => {
    while (sent < requests) {
      const image = sent++ % pixels.length;
      const reply = await client.infer(pixels[image]!).catch(() => undefined);
      judge(reply, image);
      if (++answered === Math.floor(requests / 2)) kill();
    }
  };
  await Promise.all(Array.from({ length: clients }, loop));
  return { requests, clients, right, refused, wrong, lost };
}

const isClose = (a: Float32Array, b: Float32Array): boolean =>
  a.length === b.length && a.every((value, i) => Math.abs(value - b[i]!) <= TOLERANCE);
