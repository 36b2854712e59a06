/**
 * The sequence header of AV1 data (AV1 Bitstream & Decoding Process Specification, 5.5). Memory
 * is planned from it because an AVIF's boxes may be missing or wrong.
 * @module
 */
export interface Av1Sequence {
  /** Size of the largest frame, pixels. */
  readonly width: number;
  readonly height: number;
  readonly bitDepth: 8 | 10 | 12;
  /** Shifts from luma's size to chroma's; absent in grey pictures. */
  readonly chroma?: { readonly x: 0 | 1; readonly y: 0 | 1 };
  readonly fullRange: boolean;
  /** Code points of ITU-T H.273. */
  readonly primaries: number;
  readonly transfer: number;
  /** Superblocks of 128×128 pixels instead of 64×64. */
  readonly largeBlocks: boolean;
  /** A frame may be coded narrower than it is shown. */
  readonly superResolution: boolean;
  readonly filmGrain: boolean;
}

/** The header is searched in this many bytes. */
export const SEQUENCE_BYTES = 256;

const OBU_SEQUENCE_HEADER = 1;

/** The first sequence header in the data; undefined if there is none or it is truncated. */
export function readSequence(data: Uint8Array): Av1Sequence | undefined {
  for (let at = 0; at < data.length; ) {
    const first = data[at]!;
    const type = (first >> 3) & 15;
    at += first & 4 ? 2 : 1; // with an extension
    let size = data.length - at;
    if (first & 2) {
      size = 0;
      for (let shift = 0; shift < 28; shift += 7) {
        const byte = data[at++] ?? 0;
        size += (byte & 127) << shift;
        if (byte < 128) break;
      }
    }
    if (type === OBU_SEQUENCE_HEADER) return parse(new BitReader(data, at));
    at += size;
  }
  return undefined;
}

/** Most significant bit first; reads zeros past the end. */
class BitReader {
  readonly #data: Uint8Array;
  #at: number; // bits

  constructor(data: Uint8Array, byte: number) {
    this.#data = data;
    this.#at = byte * 8;
  }

  get isPastEnd(): boolean {
    return this.#at > this.#data.length * 8;
  }

  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++, this.#at++) {
      value = value * 2 + (((this.#data[this.#at >> 3] ?? 0) >> (7 - (this.#at & 7))) & 1);
    }
    return value;
  }

  flag(): boolean {
    return this.bits(1) === 1;
  }

  /** uvlc(): only its length matters here. */
  skipVariable(): void {
    let zeros = 0;
    while (zeros < 32 && !this.isPastEnd && !this.flag()) zeros++;
    if (zeros < 32) this.bits(zeros);
  }
}

function parse(reader: BitReader): Av1Sequence | undefined {
  const profile = reader.bits(3);
  reader.flag(); // still_picture
  const reduced = reader.flag(); // reduced_still_picture_header
  if (reduced) reader.bits(5);
  else skipOperatingPoints(reader);
  const widthBits = reader.bits(4) + 1;
  const heightBits = reader.bits(4) + 1;
  const width = reader.bits(widthBits) + 1;
  const height = reader.bits(heightBits) + 1;
  if (!reduced && reader.flag()) reader.bits(7); // frame numbers
  const largeBlocks = reader.flag();
  reader.bits(2); // enable_filter_intra, enable_intra_edge_filter
  if (!reduced) skipInterTools(reader);
  const superResolution = reader.flag();
  reader.bits(2); // enable_cdef, enable_restoration
  const colour = readColour(reader, profile);
  const filmGrain = reader.flag();
  if (reader.isPastEnd) return undefined;
  return { width, height, ...colour, largeBlocks, superResolution, filmGrain };
}

function skipOperatingPoints(reader: BitReader): void {
  let delayBits = 0; // where there is a decoder model
  if (reader.flag()) {
    reader.bits(64); // timing_info
    if (reader.flag()) reader.skipVariable();
    if (reader.flag()) {
      delayBits = reader.bits(5) + 1;
      reader.bits(42);
    }
  }
  const initialDelay = reader.flag();
  for (let points = reader.bits(5) + 1; points > 0; points--) {
    reader.bits(12);
    if (reader.bits(5) > 7) reader.flag(); // level, tier
    if (delayBits > 0 && reader.flag()) reader.bits(2 * delayBits + 1);
    if (initialDelay && reader.flag()) reader.bits(4);
  }
}

function skipInterTools(reader: BitReader): void {
  reader.bits(4); // inter-intra and masked compounds, warped motion, dual filter
  const orderHint = reader.flag();
  if (orderHint) reader.bits(2);
  const screenContent = reader.flag() || reader.flag(); // chosen per frame, or forced
  if (screenContent && !reader.flag()) reader.flag(); // integer motion vectors
  if (orderHint) reader.bits(3);
}

/** color_config(), 5.5.2. */
function readColour(reader: BitReader, profile: number) {
  const high = reader.flag();
  const twelve = high && profile === 2 && reader.flag();
  const bitDepth = twelve ? 12 : high ? 10 : 8;
  const grey = profile !== 1 && reader.flag();
  const described = reader.flag();
  const primaries = described ? reader.bits(8) : 2; // unspecified
  const transfer = described ? reader.bits(8) : 2;
  const matrix = described ? reader.bits(8) : 2;
  const common = { bitDepth, primaries, transfer } as const;
  if (grey) return { ...common, fullRange: reader.flag() };
  if (primaries === 1 && transfer === 13 && matrix === 0) {
    reader.flag(); // separate_uv_delta_q
    return { ...common, fullRange: true, chroma: { x: 0, y: 0 } } as const; // sRGB itself
  }
  const fullRange = reader.flag();
  const chroma = readSubsampling(reader, profile, twelve);
  if (chroma.x === 1 && chroma.y === 1) reader.bits(2); // chroma_sample_position
  reader.flag(); // separate_uv_delta_q
  return { ...common, fullRange, chroma };
}

function readSubsampling(reader: BitReader, profile: number, twelve: boolean) {
  if (profile === 0) return { x: 1, y: 1 } as const;
  if (profile === 1) return { x: 0, y: 0 } as const;
  if (!twelve) return { x: 1, y: 0 } as const;
  if (!reader.flag()) return { x: 0, y: 0 } as const;
  return { x: 1, y: reader.flag() ? 1 : 0 } as const;
}
