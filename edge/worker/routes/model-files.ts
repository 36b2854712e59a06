/**
 * `GET /v1/models/{version}/files/{file}`: files of the model, for clients that run it themselves, as the
 * page does in the browser.
 * @module
 */

import { HebbError } from '@hebb/model/errors';
import { PACKAGE_FILES } from '@hebb/model/package/manifest';
import type { Handler } from 'hono';
import { type AppContext, type AppEnv, keepAliveOf } from '../http/context.ts';
import type { Chunks } from '../models/files.ts';
import type { LoadedModel } from '../models/loaded-model.ts';
import type { Models } from '../models/models.ts';

/** What the int8 engine needs. The float32 weights are five times as large and are not offered. */
const OFFERED = [PACKAGE_FILES.manifest, PACKAGE_FILES.int8] as const;

/** A version is a digest of its content. Private, since reading it takes the scope that classifying takes. */
const CACHING = 'private, max-age=31536000, immutable';

export function modelFile(models: Models): Handler<AppEnv> {
  return async (c) => {
    const { version = '', file = '' } = c.req.param();
    const model = await models.current(keepAliveOf(c));
    if (version !== model.manifest.version) throw notServed(version);
    const offered = OFFERED.find((name) => name === file);
    const digest = offered === PACKAGE_FILES.int8 ? model.manifest.files[offered] : undefined;
    if (offered === PACKAGE_FILES.manifest) return answer(c, model, { file: offered });
    if (offered && digest) return answer(c, model, { file: offered, bytes: digest.bytes });
    throw new HebbError('not_found', `The model offers no file "${file.slice(0, 100)}".`, {
      hint: `It offers ${OFFERED.join(' and ')}.`,
    });
  };
}

function answer(
  c: AppContext,
  { manifest, files }: LoadedModel,
  { file, bytes }: { readonly file: string; readonly bytes?: number },
): Response {
  const etag = `"${manifest.version}/${file}"`;
  c.header('Cache-Control', CACHING);
  c.header('ETag', etag);
  if (c.req.header('if-none-match') === etag) return c.body(null, 304);
  c.header('Content-Type', bytes === undefined ? 'application/json' : 'application/octet-stream');
  if (bytes !== undefined) c.header('Content-Length', String(bytes));
  if (c.req.method === 'HEAD') return c.body(null);
  const body = streamOf(files.open(file, bytes));
  return c.body(bytes === undefined ? body : body.pipeThrough(new FixedLengthStream(bytes)));
}

function streamOf(chunks: Chunks): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(value.slice()); // the chunk is valid until the next one is read
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}

const notServed = (version: string) =>
  new HebbError(
    'model_not_found',
    `The model ${version.slice(0, 100)} is not served here at the moment.`,
  );

/** workerd: sends Content-Length, and fails when the stream has another length. */
interface FixedLengthStream
  extends TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {}
declare const FixedLengthStream: new (bytes: number) => FixedLengthStream;
