import type { Piscina } from 'piscina';

/**
 * Lets a pool be destroyed with work under way. What a thread answers after that finds nobody who
 * waits for it, which piscina 5 reports as an error of the pool; unheard, that would end the process
 * and hide why the pool was destroyed.
 */
export function ignoreLateAnswers<Task, Reply>(pool: Piscina<Task, Reply>): Piscina<Task, Reply> {
  pool.on('error', (error: Error) => {
    if (!error.message.startsWith('Unexpected message from Worker')) throw error;
  });
  return pool;
}
