/**
 * The Worker's schedule on this machine, where no Cloudflare keeps it.
 * @module
 */
import type { Miniflare } from 'miniflare';
import { RESTARTED } from '../../edge/jobs/sweep.ts';

const EVERY_MINUTE = '* * * * *';

/**
 * Tells the Worker that it has just started, with an empty queue: local queues live in memory. Then
 * calls it every minute.
 * @param began when the server began to start; jobs from before lost their messages
 */
export async function startCron(server: Miniflare, began: Date): Promise<{ stop(): void }> {
  const worker = await server.getWorker();
  const run = async (cron: string, scheduledTime: Date) => {
    const { outcome } = await worker.scheduled({ cron, scheduledTime });
    if (outcome !== 'ok') console.error(`The schedule ${cron} ended with "${outcome}".`);
  };
  await run(RESTARTED, began);
  const timer = setInterval(() => {
    run(EVERY_MINUTE, new Date()).catch((error: unknown) => console.error(String(error)));
  }, 60_000);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
