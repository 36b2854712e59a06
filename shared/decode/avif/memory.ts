/**
 * Memory of libavif and dav1d, bytes. The terms follow their allocations (dav1d's picture.c and
 * decode.c, libavif's read.c and reformat.c, avif.c here); the constants were measured.
 * @module
 */
import { type Reduction, reducedSize } from '../reduce.ts';
import type { Coding, Size } from './coding.ts';
import type { AvifHeader } from './header.ts';
import type { Av1Sequence } from './sequence.ts';

/** The stack, tables, libavif's and dav1d's objects. */
const BASE_BYTES = 1_150_000;

/** STRIP_BYTES of avif.c. */
const STRIP_BYTES = 262_144;

/** dav1d allocates in blocks of 128×128 pixels. */
const BLOCK = 128;

/**
 * Bytes per block: Av1Filter, levels, Av1Restoration; a segmentation map and motion vectors (for
 * copies within the picture), which only some files have.
 */
const BLOCK_BYTES = 1348 + 4096 + 108 + 1024 + 1280;

/** Bytes per column of blocks: BlockContext, for up to four rows of tiles, and refmvs rows. */
const COLUMN_BYTES = 4 * 640 + 16 * (70 * 12 + 16 * 5);

type Samples = Pick<Av1Sequence, 'bitDepth' | 'chroma'>;
type Frame = Samples & Size;

/** Peak memory, with the file and the reduced picture. */
export function avifMemory(header: AvifHeader, fileBytes: number, reduction: Reduction): number {
  const { coding, alpha } = header;
  const colour = decoding(coding, coding.frame);
  const opacity = alpha && decoding(alpha, { bitDepth: alpha.frame.bitDepth });
  const isGrid = coding.isGrid || alpha?.isGrid;
  const pictures = isGrid
    ? 2 * Math.max(colour.picture, opacity?.picture ?? 0) // the gap of the last tile, and the next tile
    : colour.picture + (opacity?.picture ?? 0);
  const limited = alpha && !alpha.frame.fullRange ? planeBytes(alpha.size, alpha.frame) : 0;
  const kept = pictures + colour.planes + (opacity?.planes ?? 0) + limited;
  const peaks = [
    (coding.isGrid ? 2 : 1) * colour.picture + colour.planes + colour.working,
    opacity ? kept + opacity.working : 0,
    kept + converting(header, reduction),
  ];
  const profile = header.colour?.kind === 'icc' ? header.colour.profile.length : 0; // a copy
  return BASE_BYTES + fileBytes + profile + Math.max(...peaks);
}

/** Most pixels that a frame may have: the AV1 data may contradict the header. */
export function frameLimit({ coding, alpha }: AvifHeader): number {
  const sizes = [coding, ...(alpha ? [alpha] : [])].flatMap((one) => [
    one.size,
    one.tile,
    one.frame,
  ]);
  return Math.max(...sizes.map(({ width, height }) => width * height));
}

/**
 * Bytes of dav1d's picture, of libavif's planes (the grid's canvas, scaled planes), and of the working memory
 * while a frame is decoded.
 */
function decoding({ size, tile, isGrid, frame }: Coding, samples: Samples) {
  const isScaled = tile.width !== frame.width || tile.height !== frame.height;
  const scaled = isScaled ? samplesBytes({ ...samples, ...(isGrid ? size : tile) }) : 0;
  const canvas = isGrid ? samplesBytes({ ...samples, ...size }) : 0;
  const picture = pictureBytes(frame);
  // Film grain and super-resolution each copy from one picture to another.
  const copies = (frame.filmGrain ? 1 : 0) + (frame.superResolution ? 1 : 0);
  return { picture, planes: canvas + scaled, working: workingBytes(frame) + copies * picture };
}

const ceil = (value: number, to: number) => Math.ceil(value / to);

/** dav1d_default_picture_alloc. */
function strides({ width, bitDepth, chroma }: Frame) {
  const padded = (stride: number) => (stride % 1024 === 0 ? stride + 64 : stride);
  const luma = ceil(width, BLOCK) * BLOCK * (bitDepth > 8 ? 2 : 1);
  return { luma: padded(luma), chroma: chroma ? padded(luma >> chroma.x) : 0 };
}

function pictureBytes(frame: Frame): number {
  const stride = strides(frame);
  const height = ceil(frame.height, BLOCK) * BLOCK;
  return stride.luma * height + 2 * stride.chroma * (height >> (frame.chroma?.y ?? 0)) + 128;
}

/** dav1d_decode_frame_init. */
function workingBytes(frame: Av1Sequence): number {
  const stride = strides(frame);
  const [columns, rows] = [ceil(frame.width, BLOCK), ceil(frame.height, BLOCK)];
  const superblockRows = ceil(frame.height, frame.largeBlocks ? 128 : 64);
  const cdef = (4 * stride.luma + 8 * stride.chroma) * superblockRows;
  const restoration = 12 * (stride.luma + 2 * stride.chroma);
  const edges = superblockRows * columns * 128 * 3 * (frame.bitDepth > 8 ? 2 : 1);
  return cdef + restoration + edges + columns * rows * BLOCK_BYTES + columns * COLUMN_BYTES;
}

/** Planes without padding, as libavif allocates them. */
function samplesBytes({ width, height, bitDepth, chroma }: Frame): number {
  const plane = planeBytes({ width, height }, { bitDepth });
  if (!chroma) return plane;
  const size = { width: ceil(width, 1 << chroma.x), height: ceil(height, 1 << chroma.y) };
  return plane + 2 * planeBytes(size, { bitDepth });
}

const planeBytes = ({ width, height }: Size, { bitDepth }: Pick<Frame, 'bitDepth'>) =>
  width * height * (bitDepth > 8 ? 2 : 1);

/** `convert` of avif.c: a strip of RGB or RGBA, sums of a row of blocks, and the result. */
function converting({ width, height, alpha }: AvifHeader, reduction: Reduction): number {
  const row = (width + 5) * (alpha ? 4 : 3);
  const strip = Math.max(STRIP_BYTES + 5 * row, 13 * row);
  const output = reducedSize(width, height, reduction);
  const sums = reduction === 1 ? 0 : output.width * 6;
  return strip + sums + output.width * output.height * 3;
}
