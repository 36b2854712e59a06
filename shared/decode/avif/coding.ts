/**
 * How an item's picture is coded: as one AV1 frame, or as a grid of frames.
 * @module
 */
import type { Bytes } from '../bytes.ts';
import type { Box } from './boxes.ts';
import type { Meta } from './meta.ts';
import { type Av1Sequence, readSequence, SEQUENCE_BYTES } from './sequence.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Coding {
  /** Size of the whole picture before cropping, pixels. */
  readonly size: Size;
  /** The picture, or each tile of the grid, is scaled to this size. */
  readonly tile: Size;
  readonly isGrid: boolean;
  /** The sequence header of the picture or of the grid's first tile. */
  readonly frame: Av1Sequence;
}

/** Undefined if the item has no size and there is no fallback. */
export function codingOf(
  file: Bytes,
  meta: Meta,
  item: number,
  fallback?: Size,
): Coding | undefined {
  const own = extentsOf(file, meta, item) ?? fallback;
  if (!own) return undefined;
  const first = meta.referencesFrom(item, 'dimg')[0];
  if (meta.type(item) !== 'grid' || first === undefined) {
    return { size: own, tile: own, isGrid: false, frame: frameOf(file, meta, item, own) };
  }
  const tile = extentsOf(file, meta, first) ?? own;
  const size = gridSize(meta.data(item, 12)) ?? own;
  return { size, tile, isGrid: true, frame: frameOf(file, meta, first, tile) };
}

/** 'ispe' (ISO/IEC 23008-12, 6.5.3). */
function extentsOf(file: Bytes, meta: Meta, item: number): Size | undefined {
  const ispe = meta.property(item, 'ispe');
  return ispe && { width: file.u32(ispe.body + 4), height: file.u32(ispe.body + 8) };
}

/** Output size of an ImageGrid (ISO/IEC 23008-12, 6.6.2.3.2); it overrides the item's 'ispe'. */
function gridSize(grid: Uint8Array): Size | undefined {
  const view = new DataView(grid.buffer, grid.byteOffset, grid.byteLength);
  if (grid.length < 8) return undefined;
  if ((grid[1]! & 1) === 0) return { width: view.getUint16(4), height: view.getUint16(6) };
  if (grid.length < 12) return undefined;
  return { width: view.getUint32(4), height: view.getUint32(8) };
}

/** From the AV1 data, or from the item's properties if those cannot be read. */
function frameOf(file: Bytes, meta: Meta, item: number, size: Size): Av1Sequence {
  return (
    readSequence(meta.data(item, SEQUENCE_BYTES)) ?? {
      ...size,
      ...readConfig(file, meta.property(item, 'av1C')),
      fullRange: true,
      primaries: 2,
      transfer: 2,
      largeBlocks: false,
      superResolution: false,
      filmGrain: false,
    }
  );
}

/** Third byte of AV1CodecConfigurationRecord (AV1 in ISOBMFF, 2.3.3). */
const AV1C = { high: 0x40, twelve: 0x20, grey: 0x10, halfWidth: 0x08, halfHeight: 0x04 } as const;

function readConfig(
  file: Bytes,
  config: Box | undefined,
): Pick<Av1Sequence, 'bitDepth' | 'chroma'> {
  const flags = config ? file.u8(config.body + 2) : 0;
  const wide = flags & AV1C.twelve ? 12 : 10;
  const bitDepth = flags & AV1C.high ? wide : 8;
  if (flags & AV1C.grey) return { bitDepth };
  const chroma = { x: flags & AV1C.halfWidth ? 1 : 0, y: flags & AV1C.halfHeight ? 1 : 0 } as const;
  return { bitDepth, chroma };
}
