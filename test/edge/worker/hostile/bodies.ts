/**
 * Bodies that are much more expensive for the receiver than for the sender.
 * @module
 */
import { constants, deflateRawSync, gzipSync } from 'node:zlib';
import { tar } from '../../../support/tar-writer.ts';

export interface HostileBody {
  readonly path: string;
  readonly type: string;
  /** Expected error code of the answer or of its last line. */
  readonly code: string;
  /** The body, piece by piece. */
  pieces(): Iterable<Uint8Array>;
}

const MB = 1_000_000;
const text = (content: string) => Buffer.from(content);

/** The same piece, `times` times. */
function* repeat(piece: Uint8Array, times: number): Generator<Uint8Array> {
  for (let i = 0; i < times; i++) yield piece;
}

function* concat(...parts: Iterable<Uint8Array>[]): Generator<Uint8Array> {
  for (const part of parts) yield* part;
}

/** 1 MB of zeros as 1 kB of deflate, which can be concatenated. */
const DEFLATED_ZEROS = deflateRawSync(Buffer.alloc(MB), {
  finishFlush: constants.Z_FULL_FLUSH,
  level: 9,
});
const GZIP_HEAD = gzipSync('').subarray(0, 10);

/** Gzip or deflate of `content` and then this many MB of zeros, unterminated. */
const deflated = (content: Uint8Array, megabytes: number): Iterable<Uint8Array> =>
  concat(
    [deflateRawSync(content, { finishFlush: constants.Z_FULL_FLUSH })],
    repeat(DEFLATED_ZEROS, megabytes),
  );

const gzipped = (content: Uint8Array, megabytes: number): Iterable<Uint8Array> =>
  concat([GZIP_HEAD], deflated(content, megabytes));

const tarHeader = (size: number): Buffer => tar([{ path: 'a.jpg', size }]).subarray(0, 512);
const FOLDER = tar([{ path: 'folder/', type: '5' }]).subarray(0, 512);
const THOUSAND_FOLDERS = Buffer.concat(Array.from({ length: 1000 }, () => FOLDER));
const deflatedFolders = deflateRawSync(THOUSAND_FOLDERS, { finishFlush: constants.Z_FULL_FLUSH });

function zipEntry(name: string, packed: number): Buffer {
  const head = Buffer.alloc(30);
  head.writeUInt32LE(0x04034b50, 0);
  head.writeUInt16LE(8, 8); // deflated
  head.writeUInt32LE(packed, 18);
  head.writeUInt16LE(name.length, 26);
  return Buffer.concat([head, text(name)]);
}
const EMPTY_DEFLATED = deflateRawSync('');
const THOUSAND_ENTRIES = Buffer.concat(
  Array.from({ length: 1000 }, () =>
    Buffer.concat([zipEntry('._a', EMPTY_DEFLATED.length), EMPTY_DEFLATED]),
  ),
);
/** A zip entry of unknown size that consists of signatures of data descriptors. */
const MARKS = Buffer.concat([
  Buffer.from(zipEntry('a.jpg', 0)).fill(8, 6, 7), // the flag for a data descriptor
  ...repeat(text('PK\x07\x08abcdefghijkl'), 400_000),
]);
const SEVEN_MB = Buffer.concat([
  zipEntry('a.jpg', 7 * DEFLATED_ZEROS.length),
  ...repeat(DEFLATED_ZEROS, 7),
]);

const BOUNDARY = 'b';
const part = (name: string) =>
  text(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n\r\n`);
const THOUSAND_PARTS = Buffer.concat(Array.from({ length: 1000 }, () => part('x')));

const BATCH = '/v1/batch';
const CLASSIFY = '/v1/classify';
const TAR = 'application/x-tar';
const GZIP = 'application/gzip';
const ZIP = 'application/zip';
const NDJSON = 'application/x-ndjson';
const JSON_TYPE = 'application/json';
const FORM = `multipart/form-data; boundary=${BOUNDARY}`;

const batch = (type: string, code: string, pieces: () => Iterable<Uint8Array>): HostileBody => ({
  path: BATCH,
  type,
  code,
  pieces,
});
const classify = (type: string, code: string, pieces: () => Iterable<Uint8Array>): HostileBody => ({
  path: CLASSIFY,
  type,
  code,
  pieces,
});

/** A JSON object of 20 MB with its image in this notation. */
const jsonOf = (unit: string) => () =>
  concat(
    [text('{"image":"')],
    repeat(text(unit.repeat(Math.floor(MB / unit.length / 4) * 4)), 19),
    [text('"}')],
  );

export const HOSTILE: Readonly<Record<string, HostileBody>> = {
  'a gzip of 1 GB of zeros': batch(GZIP, 'batch_too_large', () => gzipped(Buffer.alloc(0), 1100)),
  'a gzipped tar with a file of 1 GB of zeros': batch(GZIP, 'batch_too_large', () =>
    gzipped(tarHeader(1100 * MB), 1100),
  ),
  // The most within Cloudflare's limit of 100 MB.
  'a tar of 190 000 empty entries': batch(TAR, 'batch_too_large', () =>
    repeat(THOUSAND_FOLDERS, 190),
  ),
  'a gzipped tar of a million empty entries': batch(GZIP, 'batch_too_large', () =>
    concat([GZIP_HEAD], repeat(deflatedFolders, 1000)),
  ),
  'a zip with a file of 1 GB of zeros': batch(ZIP, 'body_too_large', () =>
    concat([zipEntry('a.jpg', 1000 * DEFLATED_ZEROS.length)], repeat(DEFLATED_ZEROS, 1000), [
      text('PK\x01\x02'),
    ]),
  ),
  'a zip with many files of 7 MB of zeros': batch(ZIP, 'batch_too_large', () =>
    repeat(SEVEN_MB, 200),
  ),
  'a zip with a file of 400 000 marks of its end': batch(ZIP, 'body_incomplete', () => [MARKS]),
  'a zip of a million empty entries': batch(ZIP, 'batch_too_large', () =>
    repeat(THOUSAND_ENTRIES, 1000),
  ),
  'NDJSON of 10 MB of empty lines': batch(NDJSON, 'batch_too_large', () =>
    repeat(Buffer.alloc(MB, '\n'), 10),
  ),
  'NDJSON of one line of 90 MB': batch(NDJSON, 'body_too_large', () =>
    repeat(Buffer.alloc(MB, 'A'), 90),
  ),
  'NDJSON of lines of 9 MB of base64': batch(NDJSON, 'unsupported_format', () =>
    repeat(Buffer.from(`{"image":"${'A'.repeat(9 * MB)}"}\n`), 10),
  ),
  'a form of a million empty parts, as a batch': batch(FORM, 'batch_too_large', () =>
    repeat(THOUSAND_PARTS, 1000),
  ),
  'a form of 300 000 empty parts': classify(FORM, 'invalid_argument', () =>
    repeat(THOUSAND_PARTS, 300),
  ),
  'a form of 19 MB of line breaks': classify(FORM, 'invalid_argument', () =>
    concat([part('x')], repeat(Buffer.alloc(MB, '\r'), 19)),
  ),
  'JSON of 19 MB of escapes': classify(JSON_TYPE, 'unsupported_format', jsonOf('\\u0041')),
  'JSON of 19 MB of base64': classify(JSON_TYPE, 'unsupported_format', jsonOf('A')),
  'JSON of 19 MB without an image': classify(JSON_TYPE, 'invalid_argument', () =>
    concat([text('{"a":[')], repeat(text('[],'.repeat(MB / 4)), 19), [text('[]]}')]),
  ),
};
