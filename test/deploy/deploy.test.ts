/**
 * `npm run deploy` with the real wrangler, to an empty account in a local implementation of Cloudflare's API.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '@hebb/local/bundle';
import { expect, it } from 'vitest';
import { cloudflareApi } from '../publish/cloudflare-api.ts';

async function deploy(env: Readonly<Record<string, string>>): Promise<string> {
  const args = [join(ROOT, 'scripts', 'deploy.ts'), '--model', 'shared/model/default'];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: ROOT,
    // Without a terminal wrangler does not prompt, and does not change wrangler.toml.
    env: { ...process.env, ...env, CI: '1', WRANGLER_SEND_METRICS: 'false', NO_COLOR: '1' },
  });
  return stdout;
}

it('creates missing resources once, and prints the address of the Worker', async () => {
  const { env, account, requests } = await cloudflareApi({ deployed: false });
  const said = await deploy(env);
  expect(said).toContain('https://hebb.example.workers.dev');
  expect(account.namespaces.map(({ name }) => name)).toEqual(['hebb-registry', 'hebb-keys']);
  expect(account.buckets).toEqual(['hebb-models', 'hebb-jobs']);
  expect(account.queues.map(({ name }) => name)).toEqual(['hebb-jobs', 'hebb-jobs-dead']);
  expect(account.schedules).toEqual([{ cron: '* * * * *' }]);
  expect(account.consumers.map(({ queue }) => queue).sort()).toEqual([
    'hebb-jobs',
    'hebb-jobs-dead',
  ]);
  expect(account.bindings).toEqual(
    expect.arrayContaining([
      { name: 'REGISTRY', type: 'kv_namespace', namespace_id: 'hebb-registry' },
      { name: 'KEYS', type: 'kv_namespace', namespace_id: 'hebb-keys' },
      { name: 'MODELS', type: 'r2_bucket', bucket_name: 'hebb-models' },
      { name: 'ASSETS', type: 'assets' },
    ]),
  );

  const made = requests.filter((request) => /^POST (r2|storage|queues$)/.test(request)).length;
  await deploy(env);
  const now = requests.filter((request) => /^POST (r2|storage|queues$)/.test(request)).length;
  expect([made, now]).toEqual([6, 6]);
}, 120_000);
