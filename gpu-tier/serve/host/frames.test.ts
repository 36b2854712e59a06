import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { createFrameReader, type Frame, writeFrame } from './frames.ts';

interface Header {
  readonly id: number;
  readonly text?: string;
}

/** The frames that are read when the bytes arrive in chunks of `size`. */
function transmit(write: (stream: PassThrough) => void, size: number): Frame<Header>[] {
  const stream = new PassThrough({ highWaterMark: 1e9 });
  write(stream);
  stream.end();
  const bytes = stream.read() as Buffer;
  const frames: Frame<Header>[] = [];
  const read = createFrameReader<Header>((frame) => frames.push(frame));
  for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size));
  return frames;
}

it.each([1, 3, 7, 8, 64, 1e6])('frames are read from chunks of %d bytes', (size) => {
  const values = Float32Array.of(1.5, -2, 3e-9);
  const floats = new Uint8Array(values.buffer);
  const frames = transmit((stream) => {
    writeFrame(stream, { id: 1 }, [floats, Uint8Array.of(7, 8, 9, 10)]);
    writeFrame(stream, { id: 2, text: 'größer' });
    writeFrame(stream, { id: 3 }, [new Uint8Array(0), Uint8Array.of(255)]);
  }, size);
  expect(frames.map(({ header }) => header)).toEqual([
    { id: 1 },
    { id: 2, text: 'größer' },
    { id: 3 },
  ]);
  const [first, second, third] = frames.map(({ body }) => body);
  expect(new Float32Array(first!.buffer, 0, 3)).toEqual(values);
  expect([...first!.subarray(12)]).toEqual([7, 8, 9, 10]);
  expect(second!.length).toBe(0);
  expect([...third!]).toEqual([255]);
});

it('a body starts at offset 0 of its own buffer', () => {
  const [{ body } = { body: undefined }] = transmit(
    (stream) => writeFrame(stream, { id: 1 }, [new Uint8Array(8)]),
    5,
  );
  expect([body!.byteOffset, body!.buffer.byteLength]).toEqual([0, 8]);
});
