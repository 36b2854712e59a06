import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import type { ErrorBody } from '@hebb/model/errors';
import { encoder, picture } from '@hebb/test/decode/pictures';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

let model: TestPackage;
let worker: TestWorker;
let jpeg: Buffer<ArrayBuffer>;

beforeAll(async () => {
  model = await testPackage({ classes: 10, inputSize: 64, float: false });
  worker = await startWorker({ model: model.dir });
  jpeg = Buffer.from(await encoder(picture(320, 240)).jpeg().toBuffer());
});
afterAll(async () => {
  await worker.close();
  await model.remove();
});

/** Expects an error of this code with status, message and hint; returns the message. */
async function refused(response: Response, status: number, code: string): Promise<string> {
  const body = (await response.json()) as ErrorBody;
  expect(body).toEqual({
    error: {
      code,
      message: expect.stringMatching(/.{10,}/),
      hint: expect.stringMatching(/.{10,}/),
    },
  });
  expect(response.status).toBe(status);
  expect(response.headers.get('x-request-id')).toBeTruthy();
  return body.error.message;
}

const post = (body: BodyInit, path = '', headers: Record<string, string> = {}) =>
  worker.fetch(`/v1/classify${path}`, { method: 'POST', body, headers });

describe('refused requests', () => {
  // The Worker keeps answering and holds no memory; a disconnect is noticed a little later.
  afterEach(async () => {
    expect((await post(jpeg)).status).toBe(200);
    const reserved = async () => {
      const { parts } = await worker.account();
      return [parts.bodies, parts.decoding];
    };
    await expect.poll(reserved).toEqual([0, 0]);
  });

  it('an unknown path', async () => {
    expect(await refused(await worker.fetch('/v2/x'), 404, 'not_found')).toContain('/v2/x');
  });

  it('the files of the model', async () => {
    await refused(await worker.fetch('/model/manifest.json'), 404, 'not_found');
  });

  it('a method that the path does not have, with Allow', async () => {
    const response = await worker.fetch('/v1/classify', { method: 'PUT', body: 'x' });
    expect(response.headers.get('allow')).toBe('POST');
    await refused(response, 405, 'method_not_allowed');
    const models = await worker.fetch('/v1/models', { method: 'DELETE' });
    expect(models.headers.get('allow')).toBe('GET, HEAD');
    await refused(models, 405, 'method_not_allowed');
  });

  it.each(['0', '11', '-1', '1.5', 'x', ''])('top=%s, of 10 classes', async (top) => {
    const message = await refused(await post(jpeg, `?top=${top}`), 400, 'invalid_argument');
    expect(message).toContain('1 to 10');
  });

  it('an unknown engine', async () => {
    await refused(await post(jpeg, '?engine=gpu'), 400, 'invalid_argument');
  });

  it('an empty body', async () => {
    await refused(await post(''), 400, 'missing_image');
  });

  it('a form and JSON without an image', async () => {
    const form = new FormData();
    form.set('photo', new Blob([jpeg]));
    expect(await refused(await post(form), 400, 'missing_image')).toContain('form has no field');
    const type = { 'content-type': 'application/json' };
    for (const json of ['{"photo":"aaaa"}', '{"image":5}']) {
      const message = await refused(await post(json, '', type), 400, 'missing_image');
      expect(message).toContain('no string "image"');
    }
    await refused(await post('{"image":', '', type), 400, 'invalid_argument');
  });

  it('a body that is too long, before it is sent', async () => {
    const upload = httpRequest(new URL('/v1/classify', worker.url), {
      method: 'POST',
      headers: { 'content-length': '20000001' },
    });
    upload.on('error', () => {}); // it is going to be cut off
    upload.flushHeaders();
    const [answer] = (await once(upload, 'response')) as [IncomingMessage];
    const body = (await json(answer)) as ErrorBody;
    upload.destroy();
    expect([answer.statusCode, body.error.code]).toEqual([413, 'body_too_large']);
    expect(body.error.message).toContain('20.0 MB');
  });

  it('a file that is not an image', async () => {
    await refused(await post('hello, this is text'), 415, 'unsupported_format');
  });

  it('half a photo', async () => {
    const half = jpeg.subarray(0, jpeg.length / 2);
    await refused(await post(half), 422, 'broken_image');
  });

  it('an image that does not fit into memory, with both figures', async () => {
    const png = Buffer.from(await encoder(picture(64, 64)).png().toBuffer());
    png.writeUInt32BE(200_000, 16); // a panorama, too narrow to be reduced
    png.writeUInt32BE(100, 20);
    const message = await refused(await post(png), 413, 'image_too_large');
    expect(message).toMatch(/takes [\d.]+ MB, and 53.9 MB may be used/);
  });
});

describe('every answer', () => {
  it('has the request id of the request, or a new one', async () => {
    const headers = { 'x-request-id': 'abc-123' };
    expect((await worker.fetch('/healthz', { headers })).headers.get('x-request-id')).toBe(
      'abc-123',
    );
    const made = (await worker.fetch('/healthz')).headers.get('x-request-id');
    expect(made).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('may be read by pages of this machine, and must not be cached or sniffed', async () => {
    const origin = 'http://localhost:5173';
    const response = await post(jpeg, '', { origin });
    expect(response.headers.get('access-control-allow-origin')).toBe(origin);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const preflight = await worker.fetch('/v1/classify', {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-methods')).toContain('POST');
  });
});
