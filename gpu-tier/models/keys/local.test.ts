import { type RunningWorker, type TestState, testState } from '@hebb/test/publish/state';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// `hebb keys` on a temporary state: first with wrangler while no Worker runs, then through the door of a Worker.
let model: TestPackage;
let state: TestState;
let worker: RunningWorker;

beforeAll(async () => {
  model = await testPackage({ inputSize: 64, float: false });
  state = await testState();
});
afterAll(async () => {
  await worker.close();
  await Promise.all([model.remove(), state.remove()]);
});

/** Error code of a request with the key but without a body: `missing_image` if the key is accepted. */
async function knock(key: string): Promise<string> {
  const headers = { Authorization: `Bearer ${key.trim()}` };
  const response = await fetch(new URL('/v1/classify', worker.url), { method: 'POST', headers });
  const { error } = (await response.json()) as { error: { code: string } };
  return error.code;
}
const LET_IN = 'missing_image';

const idOf = (key: string) => key.split('_')[1]!;

describe('hebb keys', () => {
  it('creates a key while no Worker runs, which the next Worker accepts', async () => {
    const made = await state.hebb('keys', 'create', '--name', 'at rest');
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^hebb_\S{56}\n$/) });
    expect(made.stderr).toContain('stored in the local namespace KEYS');
    worker = await state.serve(model.dir);
    expect(await knock(made.stdout)).toBe(LET_IN);
    const list = await state.hebb('keys', 'list');
    expect(list.stdout).toMatch(new RegExp(`${idOf(made.stdout)} +at rest +classify`));
  });

  it('creates, rotates and revokes a key of a running Worker', async () => {
    const create = ['keys', 'create', '--name', 'the shop', '--scope', 'batch'];
    const json = await state.hebb(...create, '--scope', 'classify', '--expires', '90d', '--json');
    const { key, id, scopes } = JSON.parse(json.stdout) as Record<string, string>;
    expect(scopes).toEqual(['batch', 'classify']);
    expect(await knock(key!)).toBe(LET_IN);

    const rotated = await state.hebb('keys', 'rotate', id!.slice(0, 6));
    expect(rotated.stderr).toMatch(/The old key is valid until 20/);
    expect(await knock(key!)).toBe(LET_IN);
    expect(await knock(rotated.stdout)).toBe(LET_IN);
    expect((await state.hebb('keys', 'list')).stdout).toContain(
      'rotated, the old key is valid until',
    );

    const again = await state.hebb('keys', 'rotate', id!, '--overlap', '0s');
    expect(await knock(key!)).toBe('key_invalid');
    expect(await knock(rotated.stdout)).toBe('key_invalid');
    expect(await knock(again.stdout)).toBe(LET_IN);

    expect((await state.hebb('keys', 'revoke', id!)).stdout).toContain('(the shop) is revoked');
    expect(await knock(again.stdout)).toBe('key_invalid');
  });

  it('never prints a key or its hash a second time', async () => {
    const { stdout: key } = await state.hebb('keys', 'create', '--name', 'once');
    for (const args of [['list'], ['list', '--json'], ['revoke', idOf(key), '--json']]) {
      const { stdout, stderr } = await state.hebb('keys', ...args);
      expect(stdout).toContain(idOf(key));
      expect(stdout + stderr).not.toContain(key.trim().split('_')[2]!);
      expect(stdout + stderr).not.toMatch(/[0-9a-f]{64}/);
    }
  });

  it.each([
    [['create'], 2, '--name'],
    [['create', '--name', ' '], 2, '1 to 60'],
    [['create', '--name', 'x', '--scope', 'all'], 2, 'classify, batch, admin'],
    [['create', '--name', 'x', '--expires', 'soon'], 2, '90d'],
    [['rotate', 'ffffffffffff'], 1, 'key_not_found'],
    [['revoke', 'ab'], 1, 'key_not_found'],
  ])('refuses %j', async (args, code, words) => {
    const run = await state.hebb('keys', ...args);
    expect(run.code).toBe(code);
    expect(run.stderr).toContain(words);
    expect(run.stdout).toBe('');
  });
});
