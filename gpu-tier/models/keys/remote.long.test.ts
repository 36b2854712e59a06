import type { KeyRecord } from '@hebb/protocol/access/key-record';
import { cloudflareApi } from '@hebb/test/publish/cloudflare-api';
import { testState } from '@hebb/test/publish/state';
import { expect, it } from 'vitest';

it('hebb keys --remote creates, lists, rotates and revokes a key of the account', async () => {
  const { env, keys, metadata, requests } = await cloudflareApi();
  const remote = await testState({ env });
  const made = await remote.hebb('keys', 'create', '--name', 'the shop', '--remote');
  expect([made.code, made.stderr]).toEqual([0, expect.stringContaining('within two minutes')]);
  const id = made.stdout.split('_')[1]!;
  const at = `hebb-keys/key:${id}`;
  expect(JSON.parse(keys.get(at)!)).toMatchObject({ id, name: 'the shop', scopes: ['classify'] });
  expect(metadata.get(at)).toEqual(JSON.parse(keys.get(at)!));
  expect(keys.get(at)).not.toContain(made.stdout.trim().split('_')[2]!);

  const list = await remote.hebb('keys', 'list', '--remote');
  expect(list.stdout).toContain('the namespace KEYS of your account');
  expect(list.stdout).toMatch(new RegExp(`${id} +the shop +classify`));

  await remote.hebb('keys', 'rotate', id, '--overlap', '7d', '--remote');
  expect((JSON.parse(keys.get(at)!) as KeyRecord).secrets).toHaveLength(2);
  await remote.hebb('keys', 'revoke', id, '--remote');
  expect(keys.has(at)).toBe(false);
  expect(
    requests.filter((request) => !request.startsWith('GET')).map((r) => r.split('/')[0]),
  ).toEqual(['PUT storage', 'PUT storage', 'DELETE storage']);
  await remote.remove();
}, 120_000); // wrangler takes a second for each command

it.each([
  [
    'a token that does not reach',
    { token: 'another' },
    'not_logged_in',
    'Workers KV Storage: Edit',
  ],
  ['no such namespace', { namespace: 'x' }, 'keys_not_stored', 'npm run deploy creates both'],
])(
  'says what to do about %s',
  async (_, { token, ...options }: Fault, code, hint) => {
    const { env } = await cloudflareApi(options);
    const remote = await testState({
      env: { ...env, ...(token && { CLOUDFLARE_API_TOKEN: token }) },
    });
    const run = await remote.hebb('keys', 'create', '--name', 'x', '--remote');
    expect([run.code, run.stdout]).toEqual([1, '']);
    expect(run.stderr).toContain(`error ${code}`);
    expect(run.stderr).toContain(hint);
    await remote.remove();
  },
  60_000,
);

interface Fault {
  readonly token?: string;
  readonly namespace?: string;
}
