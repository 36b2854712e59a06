import { createHash } from 'node:crypto';
import type { Side } from './found.ts';

export interface PlacedImage {
  readonly path: string;
  readonly className: string;
  readonly side: Side;
  readonly sha256: string;
}

/**
 * sha256 over classes, split and content, in an order that the content gives: names of files, their
 * dates and where they lie make no difference.
 */
export function fingerprintOf(classes: readonly string[], images: readonly PlacedImage[]): string {
  const hash = createHash('sha256').update(`${JSON.stringify(classes)}\n`);
  const lines = images.map(({ side, className, sha256 }) =>
    JSON.stringify([side, className, sha256]),
  );
  for (const line of lines.sort()) hash.update(`${line}\n`);
  return hash.digest('hex');
}
