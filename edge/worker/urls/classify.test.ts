import type { ErrorBody } from '@hebb/model/errors';
import { encoder, picture } from '@hebb/test/decode/pictures';
import { type HttpsServer, startHttpsServer } from '@hebb/test/support/https-server';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Classification } from '../classification.ts';

// The whole Worker, with one local HTTPS server instead of the public internet.
const HOST = 'images.example.com';

let model: TestPackage;
let server: HttpsServer;
let worker: TestWorker;
let jpeg: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  model = await testPackage({ classes: 10, inputSize: 64, float: false });
  jpeg = new Uint8Array(await encoder(picture(300, 200)).jpeg().toBuffer());
  server = await startHttpsServer([HOST], (request, response) => {
    if (request.url === '/photo.jpg') response.end(jpeg);
    else if (request.url === '/page.html') response.end('<html>a secret of the server</html>');
    else response.writeHead(302, { Location: 'https://169.254.169.254/latest/' }).end();
  });
  const tlsOptions = { trustedCertificates: [server.certificate.cert] };
  worker = await startWorker({
    model: model.dir,
    vars: { HEBB_URL_ALLOW: HOST },
    web: { external: { address: server.address, https: { tlsOptions, certificateHost: HOST } } },
  });
});
afterAll(async () => {
  await worker.close();
  await server.close();
  await model.remove();
});

async function classify(body: object) {
  const headers = { 'Content-Type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify(body) };
  const response = await worker.fetch('/v1/classify', init);
  return (await response.json()) as Classification & ErrorBody;
}

it('{"url": …} is answered like the image itself', async () => {
  const fetched = await classify({ url: `https://${HOST}/photo.jpg` });
  const sent = await classify({ image: Buffer.from(jpeg).toString('base64') });
  expect(fetched.predictions).toHaveLength(5);
  expect(fetched.predictions).toEqual(sent.predictions);
});

it('frees all memory, also of concurrent and of failed requests', async () => {
  const urls = ['photo.jpg', 'page.html', 'elsewhere', 'photo.jpg', 'photo.jpg', 'elsewhere'];
  const answers = await Promise.all(
    urls.map((path) => classify({ url: `https://${HOST}/${path}` })),
  );
  expect(answers.map(({ error }) => error?.code)).toEqual([
    ...[undefined, 'unsupported_format', 'url_refused', undefined, undefined, 'url_refused'],
  ]);
  expect((await worker.account()).parts.bodies).toBe(0);
});

it('does not reveal what it fetched if that is not an image', async () => {
  const { error } = await classify({ url: `https://${HOST}/page.html` });
  expect(JSON.stringify(error)).not.toContain('secret');
});

it.each([
  ['http://images.example.com/photo.jpg', 'url_refused'],
  ['https://other.example.com/photo.jpg', 'url_refused'],
  ['https://127.0.0.1/photo.jpg', 'url_refused'],
  ['', 'url_refused'],
])('refuses %s', async (url, code) => {
  expect((await classify({ url })).error.code).toBe(code);
});

it('ignores the URL beside an image, and a URL that is not a string', async () => {
  const image = Buffer.from(jpeg).toString('base64');
  expect(await classify({ url: 'https://evil.example/', image })).toHaveProperty('predictions');
  for (const body of [{ url: 5 }, { url: null }, { URL: `https://${HOST}/photo.jpg` }])
    expect((await classify(body)).error.code).toBe('missing_image');
});
