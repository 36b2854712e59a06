/**
 * Writes JPEG files of flat 8×8 blocks (DC coefficients only) with features that sharp's encoder lacks: any
 * sampling factors, scans per component, restart markers, successive approximation, Adobe's marker.
 * @module
 */

export interface FlatComponent {
  readonly horizontal: number;
  readonly vertical: number;
  /** Value of the block at a column and row of this component, 0..255. */
  readonly value: (column: number, row: number) => number;
}

export interface FlatJpeg {
  readonly width: number;
  readonly height: number;
  readonly components: readonly FlatComponent[];
  readonly progressive?: boolean;
  /** Writes one scan per component instead of one for all. */
  readonly separate?: boolean;
  /** Adds scans of the AC coefficients, all zero (progressive only), since libjpeg smooths pictures without them. */
  readonly complete?: boolean;
  /** Number of low bits of the coefficients that are in separate scans (progressive only). */
  readonly refinements?: number;
  readonly restartInterval?: number;
  readonly adobeTransform?: number;
}

/** The quantisation step; with 8 a coefficient of 1 is one grey level. */
const STEP = 8;

export function writeFlatJpeg(jpeg: FlatJpeg): Uint8Array<ArrayBuffer> {
  const out: number[] = [0xff, 0xd8];
  const segment = (marker: number, body: readonly number[]) =>
    out.push(0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255, ...body);
  if (jpeg.adobeTransform !== undefined) {
    segment(
      0xee,
      [...'Adobe'].map((c) => c.charCodeAt(0)).concat(0, 100, 0, 0, 0, 0, jpeg.adobeTransform),
    );
  }
  segment(0xdb, [0, ...new Array(64).fill(STEP)]);
  const { width, height, components, progressive = false, refinements = 0 } = jpeg;
  const frame = components.flatMap((c, id) => [id + 1, (c.horizontal << 4) | c.vertical, 0]);
  segment(progressive ? 0xc2 : 0xc0, [
    8,
    height >> 8,
    height & 255,
    width >> 8,
    width & 255,
    components.length,
    ...frame,
  ]);
  // DC: the sizes 0..11 in codes of four bits. AC: only end of block, in a code of one bit.
  segment(0xc4, [
    0,
    0,
    0,
    0,
    12,
    ...new Array(12).fill(0),
    ...Array.from({ length: 12 }, (_, i) => i),
  ]);
  segment(0xc4, [0x10, 1, ...new Array(15).fill(0), 0]);
  if (jpeg.restartInterval) segment(0xdd, [jpeg.restartInterval >> 8, jpeg.restartInterval & 255]);
  const groups = jpeg.separate ? components.map((_, i) => [i]) : [components.map((_, i) => i)];
  for (let low = refinements, high = 0; low >= 0; high = low--) {
    for (const group of groups) {
      const selected = group.flatMap((i) => [i + 1, 0]);
      segment(0xda, [group.length, ...selected, 0, progressive ? 0 : 63, (high << 4) | low]);
      out.push(...entropy(jpeg, group, high, low));
    }
  }
  for (const i of jpeg.complete ? components.keys() : []) {
    segment(0xda, [1, i + 1, 0, 1, 63, 0]);
    out.push(...endsOfBlocks(jpeg, i));
  }
  out.push(0xff, 0xd9);
  return Uint8Array.from(out);
}

function entropy(jpeg: FlatJpeg, group: readonly number[], high: number, low: number): number[] {
  const bits = new BitWriter();
  let previous = jpeg.components.map(() => 0);
  let mcu = 0;
  for (const blocks of mcus(jpeg, group)) {
    if (jpeg.restartInterval && mcu > 0 && mcu % jpeg.restartInterval === 0) {
      bits.restart((mcu / jpeg.restartInterval - 1) & 7);
      previous = previous.map(() => 0);
    }
    mcu++;
    for (const { index, value } of blocks) {
      const coefficient = (value - 128) >> low;
      if (high > 0) {
        bits.put(coefficient & 1, 1);
        continue;
      }
      const delta = coefficient - previous[index]!;
      previous[index] = coefficient;
      const size = 32 - Math.clz32(Math.abs(delta));
      bits.put(size, 4);
      bits.put(delta < 0 ? delta + (1 << size) - 1 : delta, size);
      if (!jpeg.progressive) bits.put(0, 1);
    }
  }
  return bits.finish();
}

/** A scan of one component's AC coefficients: an end of block for each block. */
function endsOfBlocks(jpeg: FlatJpeg, component: number): number[] {
  const bits = new BitWriter();
  let mcu = 0;
  for (const _ of mcus(jpeg, [component])) {
    if (jpeg.restartInterval && mcu > 0 && mcu % jpeg.restartInterval === 0) {
      bits.restart((mcu / jpeg.restartInterval - 1) & 7);
    }
    mcu++;
    bits.put(0, 1);
  }
  return bits.finish();
}

/** The blocks of each MCU, in coding order (T.81, A.2). */
function* mcus({ width, height, components }: FlatJpeg, group: readonly number[]) {
  const maxH = Math.max(...components.map((c) => c.horizontal));
  const maxV = Math.max(...components.map((c) => c.vertical));
  const alone = group.length === 1 ? components[group[0]!]! : undefined;
  const blocksOf = (length: number, factor: number, max: number) =>
    Math.ceil(Math.ceil((length * factor) / max) / 8);
  const columns = alone ? blocksOf(width, alone.horizontal, maxH) : Math.ceil(width / 8 / maxH);
  const rows = alone ? blocksOf(height, alone.vertical, maxV) : Math.ceil(height / 8 / maxV);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const blocks: { index: number; value: number }[] = [];
      for (const index of group) {
        const { horizontal, vertical, value } = components[index]!;
        const h = alone ? 1 : horizontal;
        const v = alone ? 1 : vertical;
        for (let j = 0; j < v; j++) {
          for (let i = 0; i < h; i++) blocks.push({ index, value: value(x * h + i, y * v + j) });
        }
      }
      yield blocks;
    }
  }
}

class BitWriter {
  readonly #out: number[] = [];
  #bits = 0;
  #count = 0;

  put(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit--) {
      this.#bits = (this.#bits << 1) | ((value >> bit) & 1);
      if (++this.#count < 8) continue;
      this.#out.push(this.#bits);
      if (this.#bits === 0xff) this.#out.push(0);
      this.#bits = 0;
      this.#count = 0;
    }
  }

  restart(number: number): void {
    this.#pad();
    this.#out.push(0xff, 0xd0 + number);
  }

  finish(): number[] {
    this.#pad();
    return this.#out;
  }

  /** Pads with ones to the next byte (T.81, F.1.2.3). */
  #pad(): void {
    while (this.#count > 0) this.put(1, 1);
  }
}
