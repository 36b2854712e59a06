import { seededRandom } from '@hebb/train/random/random';
import { describe, expect, it } from 'vitest';
import { indexOf } from './index-of.ts';

describe('indexOf', () => {
  it('agrees with Buffer.indexOf, also after many partial matches', () => {
    const random = seededRandom(5);
    for (let run = 0; run < 3000; run++) {
      const letters = 1 + Math.floor(random() * 3);
      const text = (length: number) =>
        Buffer.from(Array.from({ length }, () => 97 + Math.floor(random() * letters)));
      const bytes = text(Math.floor(random() * 120));
      const needle = text(1 + Math.floor(random() * 5));
      const from = Math.floor(random() * 20);
      const found = from > bytes.length ? -1 : bytes.indexOf(needle, from);
      expect(indexOf(bytes, needle, from), `${needle} in ${bytes} from ${from}`).toBe(found);
    }
  });
});
