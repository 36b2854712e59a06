/**
 * The images of a request, one by one, as they arrive.
 * @module
 */
import { HebbError } from '../../shared/model/errors.ts';
import type { MemoryBudget } from '../concurrency/memory-budget.ts';
import type { FetchImage } from '../urls/fetch-image.ts';
import { ByteSource } from './byte-source.ts';
import { type Entry, named } from './entry.ts';
import type { BatchItem } from './item.ts';
import { readLines } from './ndjson.ts';
import { readParts } from './parts.ts';
import { ReadAhead } from './read-ahead.ts';
import { readTar } from './tar.ts';
import { unpack } from './unpack.ts';
import { readZip } from './zip.ts';

export interface BatchLimits {
  /** Most images. */
  readonly images: number;
  /** Most bytes of one. */
  readonly imageBytes: number;
  /** No more is read while so many bytes of images wait or are worked on. */
  readonly aheadBytes: number;
  /** Most bytes that a gzipped archive may unpack to: images hardly shrink, so more is a trap. */
  readonly unpackedBytes: number;
  /** How long nothing may come, ms. */
  readonly idleMs: number;
}

export interface ReadBatchOptions {
  readonly limits: BatchLimits;
  /** Without it, no images from URLs. */
  readonly fetchImage?: FetchImage;
  /** The budget that encoded images stay in. */
  readonly bodies: MemoryBudget;
}

/**
 * Reads multipart/form-data, tar (also gzipped), zip or NDJSON, by Content-Type. What is wrong with
 * one image is its item; throws what ends the batch, and leaves the rest of the body unread:
 * `invalid_batch`, `batch_too_large`, `body_incomplete`, `body_timeout`, `overloaded`.
 */
export async function* readBatch(
  request: Request,
  { limits, fetchImage, bodies }: ReadBatchOptions,
): AsyncGenerator<BatchItem> {
  const { body, headers, signal } = request;
  if (!body) throw new HebbError('missing_image', 'The body is empty.', { hint: SEND });
  const kind = mediaType(headers);
  const place = await bodies.reserve(needed(headers, kind, limits), signal);
  const unpacked = kind === 'gzip' ? unpack(body) : undefined;
  const most = unpacked ? limits.unpackedBytes : Infinity;
  const source = new ByteSource(unpacked?.stream ?? body, limits.idleMs, most);
  const ahead = new ReadAhead(limits.aheadBytes);
  let index = 0;
  try {
    for await (const entry of entries(kind, source, headers, limits, fetchImage, signal)) {
      if (index >= limits.images) {
        const message = `A batch takes ${limits.images} images at most.`;
        throw new HebbError('batch_too_large', message);
      }
      yield* ahead.give({ index: index++, ...checked(entry) });
      await ahead.room();
    }
    if (index === 0) throw new HebbError('missing_image', 'There is no image.', { hint: SEND });
  } finally {
    source.leave();
    await unpacked?.leave();
    // What is held still is in memory, and given back with the last of it.
    ahead.whenEmpty(() => place.release());
  }
}

type Kind = 'parts' | 'tar' | 'gzip' | 'zip' | 'lines';

const KINDS: Readonly<Record<string, Kind>> = {
  'multipart/form-data': 'parts',
  'application/x-tar': 'tar',
  'application/tar': 'tar',
  'application/gzip': 'gzip',
  'application/x-gzip': 'gzip',
  'application/x-gtar': 'gzip',
  'application/zip': 'zip',
  'application/x-zip-compressed': 'zip',
  'application/x-ndjson': 'lines',
  'application/ndjson': 'lines',
  'application/jsonl': 'lines',
};

const SEND =
  'Send multipart/form-data, application/x-tar, application/zip or application/x-ndjson.';

function mediaType(headers: Headers): Kind {
  const [type = ''] = (headers.get('content-type') ?? '').toLowerCase().split(';', 1);
  const kind = KINDS[type.trim()];
  if (kind) return kind;
  const what = type === '' ? 'The batch has no Content-Type' : `A batch cannot be "${type.trim()}"`;
  throw new HebbError('invalid_batch', `${what}.`, { hint: SEND });
}

function entries(
  kind: Kind,
  source: ByteSource,
  headers: Headers,
  { imageBytes }: BatchLimits,
  fetchImage: FetchImage | undefined,
  signal: AbortSignal,
): AsyncGenerator<Entry> {
  switch (kind) {
    case 'parts':
      return readParts(source, imageBytes, headers.get('content-type') ?? '');
    case 'tar':
    case 'gzip':
      return readTar(source, imageBytes);
    case 'zip':
      return readZip(source, imageBytes);
    case 'lines':
      return readLines(source, imageBytes, fetchImage, signal);
  }
}

/** Bytes that images will have in memory at most: those ahead, and the one that is being read. */
function needed(headers: Headers, kind: Kind, { aheadBytes, imageBytes }: BatchLimits): number {
  const most = aheadBytes + imageBytes;
  const announced = Number(headers.get('content-length') ?? Number.NaN);
  const grows = kind === 'gzip' || kind === 'zip' || kind === 'lines'; // lines: by what URLs give
  return grows || !(announced >= 0) ? most : Math.min(most, announced);
}

/** An image has bytes. */
function checked({ name, image, error }: Entry): Entry {
  const why = image?.length === 0 ? new HebbError('missing_image', 'The file is empty.') : error;
  return { ...named(name), ...(why ? { error: why } : image && { image }) };
}
