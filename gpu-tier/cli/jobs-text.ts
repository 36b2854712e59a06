/**
 * A job in words.
 * @module
 */
import type { JobStatus, WebhookStatus } from '../../shared/model/jobs/status.ts';
import { duration } from './progress.ts';
import { layOut } from './table.ts';

export function jobTable(jobs: readonly JobStatus[]): string {
  const columns = [
    ...['job', 'made', 'state'].map((title) => ({ title, align: 'left' as const })),
    ...['images', 'done', 'failed', 'dead'].map((title) => ({ title, align: 'right' as const })),
    { title: 'left', align: 'left' as const },
  ];
  const rows = jobs.map(({ id, created_at, state, images, eta_seconds }) => [
    id,
    created_at.slice(0, 16).replace('T', ' '),
    state,
    ...[images.total, images.done, images.failed, images.dead].map(String),
    eta_seconds === undefined ? '' : duration(eta_seconds),
  ]);
  return `${layOut(columns, rows).join('\n')}\n`;
}

export function jobText(status: JobStatus): string {
  const { id, state, images, tiers, webhook, dead_letters = [] } = status;
  const { total, done, succeeded, failed, dead } = images;
  const lines = [
    `${id}  ${state}`,
    `  images   ${done} of ${total} done: ${succeeded} classified, ${failed} failed, ${dead} dead`,
    `  tiers    ${tiers.edge} edge, ${tiers.gpu} gpu`,
    `  made     ${status.created_at}`,
    ...(status.ended_at ? [`  ended    ${status.ended_at}`] : []),
    ...(status.eta_seconds === undefined ? [] : [`  left     ${duration(status.eta_seconds)}`]),
    `  kept to  ${status.expires_at}`,
    ...(webhook ? [`  webhook  ${webhookText(webhook)}`] : []),
    ...dead_letters.map(
      ({ chunk, images, attempts, error, replaying }) =>
        `  dead     chunk ${chunk}, ${images.length} images after ${attempts} attempts` +
        `${replaying ? ', being tried again' : ''}: ${error.code}: ${error.message}`,
    ),
    ...(dead > 0 ? [`  → hebb jobs replay ${id}`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function webhookText({ url, state, attempts, reason }: WebhookStatus): string {
  const after =
    attempts === undefined ? '' : ` after ${attempts} attempt${attempts === 1 ? '' : 's'}`;
  return `${state}${state === 'waiting' ? '' : after}: ${url}${reason ? ` (${reason})` : ''}`;
}
