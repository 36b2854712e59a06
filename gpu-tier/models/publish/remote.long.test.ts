import { NO_RELEASES, type Release } from '@hebb/model';
import { cloudflareApi } from '@hebb/test/publish/cloudflare-api';
import { type TestState, testState } from '@hebb/test/publish/state';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { withRelease } from './releases.ts';

/** A release that is already in the account. */
const BIRDS: Release = {
  name: 'birds',
  version: 'b'.repeat(64),
  prefix: `models/birds/${'b'.repeat(64)}`,
  publishedAt: '2026-05-01T12:00:00.000Z',
};

let flowers: TestPackage;
let state: TestState;

beforeAll(async () => {
  flowers = await testPackage({ name: 'flowers', inputSize: 64, float: false, seed: 2 });
});
afterAll(() => flowers.remove());

beforeEach(async () => {
  state = await testState();
});
afterEach(() => state.remove());

describe('hebb publish --remote', () => {
  it('stores weights, manifest and pointer in this order, and rolls back', async () => {
    const { env, objects, keys, requests } = await cloudflareApi();
    keys.set('hebb-registry/current', JSON.stringify(withRelease(NO_RELEASES, BIRDS)));
    const remote = await testState({ env });
    const { code, stdout, stderr } = await remote.hebb('publish', flowers.dir, '--remote');
    expect([code, stderr]).toEqual([0, expect.stringContaining('100%')]);
    expect(stdout).toContain('is now current in bucket hebb-models');

    const { version } = flowers.manifest;
    const files = ['weights.int8.safetensors', 'manifest.json'];
    const paths = files.map((file) => `models/flowers/${version}/${file}`);
    expect([...objects.keys()]).toEqual(paths.map((path) => `hebb-models/${path}`));
    expect(requests.filter((request) => request.startsWith('PUT'))).toEqual([
      ...paths.map((path) => `PUT r2/buckets/hebb-models/objects/${path}`),
      'PUT storage/kv/namespaces/hebb-registry/values/current',
    ]);
    const { bytes } = flowers.manifest.files['weights.int8.safetensors']!;
    expect(objects.get(`hebb-models/${paths[0]}`)).toHaveLength(bytes);

    const published = await remote.hebb('models', '--remote');
    expect(published.stdout).toMatch(/→ +flowers .* current\n +birds/);
    const back = await remote.hebb('rollback', '--remote', '--json');
    expect(JSON.parse(back.stdout)).toMatchObject({ release: BIRDS });
    expect(JSON.parse(keys.get('hebb-registry/current')!)).toMatchObject({
      current: BIRDS,
      before: [],
      withdrawn: [{ name: 'flowers', version }],
    });
    await remote.remove();
  }, 120_000); // wrangler takes a second for each command

  it('says how to log in', async () => {
    const env = { CLOUDFLARE_API_TOKEN: '', HOME: state.folder, XDG_CONFIG_HOME: state.folder };
    const offline = await testState({ env });
    const { code, stderr } = await offline.hebb('publish', flowers.dir, '--remote');
    expect(code).toBe(1);
    expect(stderr).toContain('error not_logged_in: wrangler is not logged in');
    expect(stderr).toContain('Run npx wrangler login');
    await offline.remove();
  });

  it.each([
    ['a token that does not reach', { token: 'another' }, 'not_logged_in', 'R2 Storage: Edit'],
    ['no such bucket', { bucket: 'x' }, 'publish_failed', 'npm run deploy creates it'],
    ['no such namespace', { namespace: 'x' }, 'publish_failed', 'npm run deploy creates both'],
    ['no Worker', { deployed: false }, 'publish_failed', 'npm run deploy creates both'],
  ])('says what to do about %s', async (_, { token, ...options }: Fault, errorCode, hint) => {
    const { env, keys } = await cloudflareApi(options);
    const remote = await testState({
      env: { ...env, ...(token && { CLOUDFLARE_API_TOKEN: token }) },
    });
    const { code, stderr } = await remote.hebb('publish', flowers.dir, '--remote');
    expect(code).toBe(1);
    expect(stderr).toContain(`error ${errorCode}`);
    expect(stderr).toContain(hint);
    expect(keys.size).toBe(0);
    await remote.remove();
  });

  it('reports a missing network', async () => {
    const { env } = await cloudflareApi();
    const nowhere = { ...env, CLOUDFLARE_API_BASE_URL: 'http://127.0.0.1:9' };
    const remote = await testState({ env: nowhere });
    const { stderr } = await remote.hebb('models', '--remote');
    expect(stderr).toContain('error publish_failed: There is no connection to Cloudflare');
    await remote.remove();
  });
});

interface Fault {
  readonly token?: string;
  readonly bucket?: string;
  readonly namespace?: string;
  readonly deployed?: boolean;
}
