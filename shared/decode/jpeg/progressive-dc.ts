/**
 * A progressive JPEG at 1/8 of its size, from its DC coefficients alone.
 *
 * At 1/8 a block of 8×8 pixels becomes one, its mean, which is its DC coefficient. A progressive
 * file has separate scans for them (T.81, Annex G.1.2.1), about a tenth of its bytes. All other
 * scans are skipped. libjpeg decodes and keeps every coefficient of a 12-megapixel
 * photo (44 MB, 0.2 to 0.3 s); this takes 1 MB and a tenth of the time. The skipped scans
 * only refine differences within one output pixel; for full-resolution components nothing is lost.
 * @module
 */
import type { ReducedImage } from '@hebb/model/preprocess/resize';
import type { Workspace } from '../arena.ts';
import { Bytes, broken } from '../bytes.ts';
import { originOf, type Reduction, reducedSize } from '../reduce.ts';
import { type Buffers, clamped, isSubsampled, type Plane, planesToRgb } from './colour.ts';
import type { JpegHeader } from './header.ts';
import { BitReader, type HuffmanTable } from './huffman.ts';
import { type Scan, scans } from './scans.ts';

/** The blocks of one component. */
interface Blocks {
  readonly id: number;
  readonly quantTable: number;
  /** Blocks per MCU. */
  readonly horizontal: number;
  readonly vertical: number;
  /** Blocks with pixels. */
  readonly columns: number;
  readonly rows: number;
  /** Blocks per row in the file, and rows: whole MCUs. */
  readonly stride: number;
  readonly height: number;
}

/** DC coefficients of one component, a value per block. */
interface Component extends Blocks {
  readonly values: Int16Array;
  /** Quantisation step; undefined until the component's first scan. */
  step: number | undefined;
}

interface Grid<Part> {
  readonly mcuColumns: number;
  readonly mcuRows: number;
  readonly components: readonly Part[];
}

/** Whether `decodeDc` decodes this file at this reduction. */
export const decodesDc = (header: JpegHeader, reduction: Reduction): boolean =>
  reduction === 8 &&
  header.progressive &&
  header.ended &&
  !header.arithmetic &&
  header.components.length <= 3;

/** Decodes at 1/8: an image of ⌈width/8⌉ × ⌈height/8⌉ pixels. */
export function decodeDc(
  workspace: Workspace,
  bytes: Uint8Array,
  header: JpegHeader,
): ReducedImage {
  const { components, ...mcus } = blockGrid(header);
  const withValues = components.map((blocks): Component => {
    const { buffer, byteOffset } = workspace.bytes(blocks.stride * blocks.height * 2);
    const values = new Int16Array(buffer, byteOffset, blocks.stride * blocks.height);
    return { ...blocks, values, step: undefined };
  });
  const grid = { ...mcus, components: withValues };
  for (const scan of scans(new Bytes(bytes))) {
    if (scan.spectralStart === 0) decodeScan(bytes, scan, grid);
  }
  const buffer = (length: number) => workspace.bytes(length);
  const planes = withValues.map((component) => toPlane(component, buffer));
  const { width, height } = reducedSize(header.width, header.height, 8);
  const data = planesToRgb(planes, header.colour, width, height, buffer);
  return { width, height, data, ...originOf(header, 8) };
}

/** Bytes that `decodeDc` takes: coefficients, planes, planes at full size, RGB. */
export function dcMemory(header: JpegHeader): number {
  const { width, height } = reducedSize(header.width, header.height, 8);
  let bytes = width * height * 3 + 1000; // and what is lost to alignment
  for (const { stride, height: all, columns, rows } of blockGrid(header).components) {
    const enlarged = isSubsampled({ columns, rows }, width, height) ? width * height : 0;
    bytes += stride * all * 2 + columns * rows + enlarged;
  }
  return bytes;
}

function blockGrid({ width, height, components }: JpegHeader): Grid<Blocks> {
  const maxH = Math.max(...components.map((c) => c.horizontal));
  const maxV = Math.max(...components.map((c) => c.vertical));
  const mcuColumns = Math.ceil(width / (8 * maxH));
  const mcuRows = Math.ceil(height / (8 * maxV));
  const blocks = components.map(({ id, quantTable, horizontal, vertical }) => {
    const stride = mcuColumns * horizontal;
    return {
      id,
      quantTable,
      horizontal,
      vertical,
      columns: Math.ceil(Math.ceil((width * horizontal) / maxH) / 8),
      rows: Math.ceil(Math.ceil((height * vertical) / maxV) / 8),
      stride,
      height: mcuRows * vertical,
    };
  });
  return { mcuColumns, mcuRows, components: blocks };
}

function decodeScan(bytes: Uint8Array, scan: Scan, grid: Grid<Component>): void {
  if (scan.spectralEnd !== 0) throw broken('a progressive scan mixes DC and AC coefficients');
  const bits = new BitReader(bytes, scan.begin, scan.end);
  const parts = scan.components.map(({ id, dcTable }) => {
    const component = grid.components.find((candidate) => candidate.id === id);
    if (!component) throw broken('a scan names a component that the frame lacks');
    component.step ??= scan.dcSteps[component.quantTable];
    return { component, reader: new DcReader(bits, dcTable, scan) };
  });
  // A scan of one component is not interleaved: its MCU is one block (T.81, A.2.2).
  const alone = parts.length === 1 ? parts[0]!.component : undefined;
  const mcuColumns = alone?.columns ?? grid.mcuColumns;
  const mcuRows = alone?.rows ?? grid.mcuRows;
  const interval = scan.restartInterval;
  for (let mcu = 0; mcu < mcuColumns * mcuRows; mcu++) {
    if (interval > 0 && mcu > 0 && mcu % interval === 0) {
      bits.restart((mcu / interval - 1) & 7);
      for (const { reader } of parts) reader.restart();
    }
    const column = mcu % mcuColumns;
    const row = (mcu - column) / mcuColumns;
    for (const { component, reader } of parts) {
      if (alone) decodeBlocks(component, reader, column, row, 1, 1);
      else decodeBlocks(component, reader, column, row, component.horizontal, component.vertical);
    }
  }
}

/** The blocks of one component in one MCU of horizontal × vertical blocks. */
function decodeBlocks(
  { values, stride }: Component,
  reader: DcReader,
  column: number,
  row: number,
  horizontal: number,
  vertical: number,
): void {
  for (let y = 0; y < vertical; y++) {
    const start = (row * vertical + y) * stride + column * horizontal;
    for (let at = start; at < start + horizontal; at++) values[at] = reader.next(values[at]!);
  }
}

/** Dequantises: the mean of a block is its DC coefficient / 8 + 128 (T.81, A.3.1 and A.3.3). */
function toPlane({ columns, rows, stride, values, step }: Component, buffer: Buffers): Plane {
  if (step === undefined) throw broken('a colour component has no picture data');
  const samples = clamped(buffer(columns * rows));
  for (let y = 0, to = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++, to++) {
      samples[to] = ((values[y * stride + x]! * step + 4) >> 3) + 128;
    }
  }
  return { columns, rows, samples };
}

/**
 * DC coefficients of one component in one scan: a first scan, coded as differences, or one that
 * refines them by a bit (T.81, Annex G.1.2.1).
 */
class DcReader {
  readonly #bits: BitReader;
  readonly #table: HuffmanTable | undefined;
  readonly #low: number;
  readonly #refines: boolean;
  #prediction = 0;

  constructor(bits: BitReader, table: HuffmanTable | undefined, scan: Scan) {
    this.#bits = bits;
    this.#table = table;
    this.#low = scan.low;
    this.#refines = scan.high > 0;
    if (!this.#refines && !table) throw broken('a scan uses a Huffman table that is not there');
  }

  /** The coefficient after this scan, given what it was before. */
  next(before: number): number {
    if (this.#refines) return before | (this.#bits.read(1) << this.#low);
    const size = this.#table!.read(this.#bits);
    if (size > 15) throw broken('a DC coefficient is out of range');
    if (size > 0) {
      const value = this.#bits.read(size);
      const negative = value < 1 << (size - 1);
      this.#prediction += negative ? value - (1 << size) + 1 : value;
    }
    return this.#prediction << this.#low;
  }

  restart(): void {
    this.#prediction = 0;
  }
}
