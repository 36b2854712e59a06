import { HebbError } from '../../../shared/model/index.ts';

/** Bytes that requests under way may hold together, so that many large ones cannot take all memory. */
export interface BodyBudget {
  /**
   * Runs `work`, which reserves what it is about to hold; all of it is given back at the end.
   * `reserve` throws `overloaded` when there is not so much left.
   */
  hold<T>(work: (reserve: (bytes: number) => void) => Promise<T>): Promise<T>;
}

export function createBodyBudget(capacity: number): BodyBudget {
  let held = 0;
  return {
    async hold(work) {
      let own = 0;
      try {
        return await work((bytes) => {
          if (held + bytes > capacity) {
            const message = `The requests under way hold ${held} of ${capacity} bytes.`;
            throw new HebbError('overloaded', message);
          }
          held += bytes;
          own += bytes;
        });
      } finally {
        held -= own;
      }
    },
  };
}
