/**
 * Unusual clients on plain sockets: HTTP/1.0, health checks of proxies, half-closed connections, disconnects.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { encoder, picture } from '@hebb/test/decode/pictures';
import { noise } from '@hebb/test/graph/compare';
import {
  binaryRequest,
  fileRequest,
  jsonRequest,
  pixelRequest,
} from '@hebb/test/support/open-inference';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { startTier, type TestTier, tierForTest } from '@hebb/test/support/tier';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const SIDE = 64;
const INFER = '/v2/models/birds/infer';

let model: TestPackage;
let tier: TestTier;
beforeAll(async () => {
  model = await testPackage({ name: 'birds', inputSize: SIDE });
  tier = await startTier({ models: [model.dir] });
});
afterAll(async () => {
  await tier?.stop();
  await model?.remove();
});

function dial({ url }: TestTier): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** All that comes back until the other side ends. */
async function received(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  await once(socket, 'end');
  return text;
}

/** A request on the wire. */
function onWire(request: ReturnType<typeof pixelRequest>, headers: readonly string[] = []): Buffer {
  const lines = [
    `POST ${INFER} HTTP/1.1`,
    'Host: localhost',
    `Content-Length: ${request.body.length}`,
    ...Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`),
    ...headers,
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), request.body]);
}

describe('HTTP/1.0 without Host', () => {
  it.each([
    ['GET /v2/health/ready', '200 OK'],
    ['GET /v2', '200 OK'],
    ['OPTIONS /', '204 No Content'], // HAProxy's `option httpchk`
    ['OPTIONS /v2/health/ready', '204 No Content'],
    ['GET /nothing', '404 Not Found'],
  ])('%s is answered', async (line, status) => {
    const socket = dial(tier);
    socket.write(`${line} HTTP/1.0\r\n\r\n`);
    expect(await received(socket)).toMatch(`HTTP/1.1 ${status}\r\n`);
  });
});

describe('Content-Encoding', () => {
  const send = async (coding: string, body: Uint8Array<ArrayBuffer>) => {
    const request = pixelRequest(noise(1, SIDE), SIDE);
    const headers = { ...request.headers, 'Content-Encoding': coding };
    return await tier.fetch(INFER, { method: 'POST', headers, body });
  };
  const plain = pixelRequest(noise(1, SIDE), SIDE).body;
  const packed = new Uint8Array(gzipSync(plain));

  it.each(['gzip', 'GZIP', 'x-gzip', 'X-Gzip', 'identity, gzip'])('%s is gzip', async (coding) => {
    expect((await send(coding, packed)).status).toBe(200);
  });

  it('Identity means no coding', async () => {
    expect((await send('Identity', plain)).status).toBe(200);
  });

  it.each(['br', 'zstd', 'gzip, gzip', 'gzip, br'])(
    '%s is refused, naming those that are read',
    async (coding) => {
      const response = await send(coding, packed);
      expect(response.status).toBe(415);
      expect(response.headers.get('Accept-Encoding')).toBe('gzip, deflate');
      expect(await response.json()).toMatchObject({
        code: 'unsupported_encoding',
        error: `Content-Encoding "${coding}" is not supported.`,
        hint: expect.stringContaining('gzip, deflate'),
      });
    },
  );
});

describe('null members', () => {
  it('count as missing if they are optional', async () => {
    const pixels = Array.from(noise(1, SIDE));
    const shape = [1, SIDE, SIDE, 3];
    const input = { name: 'image', shape, datatype: 'UINT8' };
    const rest = { id: null, parameters: null };
    for (const request of [
      { ...rest, outputs: null, inputs: [{ ...input, parameters: null, data: pixels }] },
      {
        parameters: { priority: null, timeout: null, binary_data_output: null },
        inputs: [{ ...input, parameters: { binary_data_size: null }, data: pixels }],
        outputs: [
          { name: 'logits', parameters: null },
          { name: 'logits', parameters: { binary_data: null, classification: null } },
        ],
      },
    ]) {
      const { status, body } = await tier.json(INFER, jsonRequest(request));
      expect([status, body]).toMatchObject([200, { model_name: 'birds' }]);
      expect(body).not.toHaveProperty('id');
    }
  });

  it('are an error if they are required', async () => {
    const input = { name: 'image', shape: null, datatype: 'UINT8', data: [] };
    for (const request of [{ inputs: null }, { inputs: [input] }, { inputs: [null] }]) {
      expect((await tier.json(INFER, jsonRequest(request))).status).toBe(400);
    }
  });
});

describe('NaN and infinity', () => {
  const shape = [1, SIDE, SIDE, 3];
  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    '%d in a binary tensor is refused, with its place',
    async (value) => {
      const values = new Float32Array(SIDE * SIDE * 3);
      values[77] = value;
      const bytes = new Uint8Array(values.buffer);
      const request = binaryRequest([{ name: 'image', datatype: 'FP32', shape, bytes }]);
      expect(await tier.json(INFER, request)).toMatchObject({
        status: 400,
        body: {
          code: 'invalid_argument',
          error: `image has ${value} at index 77, which is not finite.`,
        },
      });
    },
  );

  it.each(['1e39', '-1e999'])('%s in JSON is refused: it is beyond float32', async (text) => {
    const zeros = Array.from({ length: SIDE * SIDE * 3 - 1 }, () => '0').join();
    const body = `{"inputs":[{"name":"image","datatype":"FP32","shape":[${shape}],"data":[${text},${zeros}]}]}`;
    expect(await tier.json(INFER, { method: 'POST', body })).toMatchObject({
      status: 400,
      body: {
        error: expect.stringMatching(/^image has -?Infinity at index 0, which is not finite\.$/),
      },
    });
  });
});

describe('a client that closes its sending side', () => {
  it.each([
    ['HTTP/1.1', []],
    ['with Connection: close', ['Connection: close']],
  ])('still gets its answer: %s', async (_name, headers) => {
    // The queue waits for more requests, so that the FIN arrives long before the answer.
    const waiting = await tierForTest({ models: [model.dir], maxQueueDelay: 1500 });
    const socket = dial(waiting);
    socket.end(onWire(pixelRequest(noise(1, SIDE), SIDE), headers));
    const text = await received(socket);
    // The tier probes with 100 Continue, which clients skip.
    expect(text.replaceAll('HTTP/1.1 100 Continue\r\n\r\n', '')).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(text).toContain('"model_name":"birds"');
    const metrics = await (await waiting.fetch('/metrics')).text();
    expect(metrics).toContain('hebb_requests_total{model="birds",outcome="ok"} 1');
  });
});

describe('a client that hangs up', () => {
  it.each(['end of both sides', 'reset'])('counts as cancelled while it waits: %s', async (how) => {
    const waiting = await tierForTest({ models: [model.dir], maxQueueDelay: 86_400_000 });
    const socket = dial(waiting);
    socket.on('error', () => {}); // a reset reaches this side too
    socket.write(onWire(pixelRequest(noise(1, SIDE), SIDE)));
    while (waiting.models.get('birds').queueDepth() === 0) await pause();
    if (how === 'reset') socket.resetAndDestroy();
    else socket.destroy();
    expect(await outcomes(waiting)).toEqual(['cancelled']);
  });

  it('counts as cancelled while its images are decoded, not as an error', async () => {
    const decoding = await tierForTest({ models: [model.dir], decodeThreads: 1 });
    const photo = await encoder(picture(1500, 1000)).png().toBuffer();
    const socket = dial(decoding);
    socket.on('error', () => {});
    // Seconds of one thread, and less than a body may have.
    const files = Array.from({ length: Math.min(100, 60e6 / photo.length) }, () => photo);
    await new Promise((resolve) => socket.write(onWire(fileRequest(files)), resolve));
    await pause(500);
    socket.destroy();
    expect(await outcomes(decoding)).toEqual(['cancelled']);
    expect(decoding.logged.filter(({ level }) => level === 'error')).toEqual([]);
    // The thread is still good for the next one.
    expect((await decoding.json(INFER, fileRequest([photo]))).status).toBe(200);
  });
});

const pause = (ms = 5) => new Promise((resolve) => setTimeout(resolve, ms));

/** The outcomes that were counted, once there are any. */
async function outcomes(of: TestTier): Promise<(string | undefined)[]> {
  for (;;) {
    const text = await (await of.fetch('/metrics')).text();
    const found = [...text.matchAll(/^hebb_requests_total\{.*outcome="(\w+)"\}/gm)];
    if (found.length > 0) return found.map(([, outcome]) => outcome);
    await pause(20);
  }
}
