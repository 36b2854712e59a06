/**
 * Reads the images of a request one by one as they arrive.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import { contentEncoding, Inflate, UnpackedBytes } from '../body/inflate.ts';
import { mistakeOf } from '../body/mistakes.ts';
import { type Pieces, streamPieces } from '../body/pieces.ts';
import type { MemoryBudget } from '../concurrency/memory-budget.ts';
import type { FetchImage } from '../urls/fetch-image.ts';
import { ByteSource } from './byte-source.ts';
import { Entries, type Entry, named, type ReadContext } from './entry.ts';
import type { BatchItem } from './item.ts';
import { readLines } from './ndjson.ts';
import { readParts } from './parts.ts';
import { ReadAhead } from './read-ahead.ts';
import { readTar } from './tar.ts';
import { readZip } from './zip.ts';

export interface BatchLimits {
  /** Most images. */
  readonly images: number;
  /** Most bytes of one. */
  readonly imageBytes: number;
  /** Reading pauses while this many bytes of images are waiting or in progress. */
  readonly aheadBytes: number;
  /** Most records of any kind; see `Entries`. */
  readonly entries: number;
  /** Most bytes that an archive may unpack to. Images hardly compress: more is a decompression bomb. */
  readonly unpackedBytes: number;
  /** Longest time without a byte, ms. */
  readonly idleMs: number;
}

export interface ReadBatchOptions {
  readonly limits: BatchLimits;
  /** Without it URLs are refused. */
  readonly fetchImage?: FetchImage;
  /** The budget of encoded images. */
  readonly bodies: MemoryBudget;
}

/**
 * Reads multipart/form-data, tar (also gzipped), zip or NDJSON, by Content-Type. The error of a single
 * image is its item. Errors that end the batch are thrown, and the rest of the body is left unread:
 * `invalid_batch`, `batch_too_large`, `body_incomplete`, `body_timeout`, `overloaded`.
 */
export async function* readBatch(
  request: Request,
  { limits, fetchImage, bodies }: ReadBatchOptions,
): AsyncGenerator<BatchItem> {
  const { body, headers, signal } = request;
  if (!body) throw new HebbError('missing_image', 'The body is empty.', { hint: SEND });
  const kind = mediaType(headers);
  const encoding = contentEncoding(headers);
  const place = await bodies.reserve(needed(headers, kind, limits), signal);
  const unpacked = new UnpackedBytes(limits.unpackedBytes, unpacksToMore);
  let pieces: Pieces = streamPieces(body);
  if (encoding) pieces = new Inflate(pieces, encoding, unpacked);
  if (kind === 'gzip') pieces = new Inflate(pieces, 'gzip', unpacked);
  const source = new ByteSource(pieces, limits.idleMs);
  const counted = new Entries(limits.entries, source.slices);
  const ahead = new ReadAhead(limits.aheadBytes);
  let index = 0;
  try {
    const context = { source, counted, unpacked, most: limits.imageBytes };
    for await (const entry of entries(kind, context, headers, fetchImage, signal)) {
      if (index >= limits.images) {
        const message = `A batch takes at most ${limits.images} images.`;
        throw new HebbError('batch_too_large', message);
      }
      yield* ahead.give({ index: index++, ...checked(entry) });
      await ahead.room();
    }
    if (index === 0) throw new HebbError('missing_image', 'The body has no image.', { hint: SEND });
  } finally {
    await source.leave();
    // Images that are still held stay in memory until the last one is released.
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
  const what =
    type === ''
      ? 'The batch has no Content-Type'
      : `The Content-Type "${type.trim().slice(0, 100)}" is not one of a batch`;
  throw new HebbError('invalid_batch', `${what}.`, { hint: SEND });
}

function entries(
  kind: Kind,
  context: ReadContext,
  headers: Headers,
  fetchImage: FetchImage | undefined,
  signal: AbortSignal,
): AsyncGenerator<Entry> {
  switch (kind) {
    case 'parts':
      return readParts(context, headers.get('content-type') ?? '');
    case 'tar':
    case 'gzip':
      return readTar(context);
    case 'zip':
      return readZip(context);
    case 'lines':
      return readLines(context, fetchImage, signal);
  }
}

/** Most bytes of images in memory: those ahead, and the one that is being read. */
function needed(headers: Headers, kind: Kind, { aheadBytes, imageBytes }: BatchLimits): number {
  const most = aheadBytes + imageBytes;
  const announced = Number(headers.get('content-length') ?? Number.NaN);
  const packed = kind === 'gzip' || contentEncoding(headers) !== undefined;
  const grows = packed || kind === 'zip' || kind === 'lines'; // lines: by images from URLs
  return grows || !(announced >= 0) ? most : Math.min(most, announced);
}

const unpacksToMore = (most: number) =>
  new HebbError('batch_too_large', `The archive unpacks to more than ${most / 1e6} MB.`, {
    hint: 'Send several archives, or uncompressed ones: images hardly compress.',
  });

/** Replaces an empty or obviously broken image by its error. */
function checked({ name, image, error }: Entry): Entry {
  const why =
    image?.length === 0
      ? new HebbError('missing_image', 'The file is empty.')
      : (error ?? (image && mistakeOf(image)));
  return { ...named(name), ...(why ? { error: why } : image && { image }) };
}
