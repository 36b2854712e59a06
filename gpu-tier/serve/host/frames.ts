/**
 * The protocol between the server and a model host: frames on a Unix socket, with tensors as raw bytes.
 *
 *   uint32 LE  bytes of the header
 *   uint32 LE  bytes of the body
 *   header     JSON
 *   body       tensors, row-major, little-endian, without gaps
 *
 * @module
 */
import type { Writable } from 'node:stream';

const PREFIX_BYTES = 8;

export interface Frame<Header> {
  readonly header: Header;
  /** At offset 0 of its own buffer, so that typed arrays of any kind can view it. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Writes one frame. The parts of the body are written one after the other, without a copy. */
export function writeFrame(
  stream: Writable,
  header: object,
  parts: readonly Uint8Array[] = [],
): void {
  const json = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.allocUnsafe(PREFIX_BYTES);
  prefix.writeUInt32LE(json.length, 0);
  prefix.writeUInt32LE(
    parts.reduce((sum, part) => sum + part.byteLength, 0),
    4,
  );
  stream.cork();
  stream.write(prefix);
  stream.write(json);
  for (const part of parts) stream.write(part);
  stream.uncork();
}

/** Splits a byte stream into frames. Call the result with each chunk; chunks may have any size. */
export function createFrameReader<Header>(onFrame: (frame: Frame<Header>) => void) {
  let stage: 'prefix' | 'header' | 'body' = 'prefix';
  let target = Buffer.allocUnsafe(PREFIX_BYTES);
  let filled = 0;
  let bodyBytes = 0;
  let header: Header;

  const expect = (next: typeof stage, bytes: number) => {
    stage = next;
    // Not from Node's shared pool: a body is viewed as float32, and may be kept for long.
    target = Buffer.allocUnsafeSlow(bytes);
    filled = 0;
  };
  const advance = () => {
    if (stage === 'prefix') {
      bodyBytes = target.readUInt32LE(4);
      expect('header', target.readUInt32LE(0));
    } else if (stage === 'header') {
      header = JSON.parse(target.toString('utf8')) as Header;
      expect('body', bodyBytes);
    } else {
      const body = new Uint8Array(target.buffer);
      expect('prefix', PREFIX_BYTES);
      onFrame({ header, body });
    }
  };
  return (chunk: Uint8Array): void => {
    let at = 0;
    while (at < chunk.length || filled === target.length) {
      const taken = Math.min(target.length - filled, chunk.length - at);
      target.set(chunk.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled === target.length) advance();
    }
  };
}
