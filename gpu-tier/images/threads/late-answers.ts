import type { Piscina } from 'piscina';

/**
 * Allows a pool to be destroyed while tasks run. piscina 5 reports an answer that arrives afterwards as an error of the
 * pool; without a listener that would end the process and hide why the pool was destroyed.
 */
export function ignoreLateAnswers<Task, Reply>(pool: Piscina<Task, Reply>): Piscina<Task, Reply> {
  pool.on('error', (error: Error) => {
    if (!error.message.startsWith('Unexpected message from Worker')) throw error;
  });
  return pool;
}
