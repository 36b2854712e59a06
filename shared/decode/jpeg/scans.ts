/**
 * A JPEG file as the list of its scans, without decoding any of them.
 * @module
 */
import { type Bytes, broken } from '../bytes.ts';
import { HuffmanTable } from './huffman.ts';
import { entropyEnd, MARKER, nextMarker, type Segment } from './markers.ts';

/** One scan (T.81, Annex B.2.3) and the tables in force when it starts. */
export interface Scan {
  readonly components: readonly ScanComponent[];
  /** Range of coefficients in zigzag order; 0 is DC. */
  readonly spectralStart: number;
  readonly spectralEnd: number;
  /** Successive approximation: bit positions already sent (0: none), and sent now. */
  readonly high: number;
  readonly low: number;
  /** MCUs between restart markers; 0: none. */
  readonly restartInterval: number;
  /** Quantisation step of the DC coefficient, per table. */
  readonly dcSteps: readonly (number | undefined)[];
  /** Entropy-coded bytes. */
  readonly begin: number;
  readonly end: number;
}

export interface ScanComponent {
  readonly id: number;
  readonly dcTable: HuffmanTable | undefined;
}

/** Every scan of the file, in order. Throws `broken_image` if there is no end marker. */
export function* scans(file: Bytes): Generator<Scan> {
  const huffman: (HuffmanTable | undefined)[] = [];
  const dcSteps: (number | undefined)[] = [];
  let restartInterval = 0;
  for (let at = 2; ; ) {
    const segment = nextMarker(file, at);
    const { marker, body } = segment;
    at = segment.end;
    if (marker === MARKER.EOI) return;
    if (marker === MARKER.DHT) readHuffmanTables(file, body, segment.end, huffman);
    else if (marker === MARKER.DQT) readDcSteps(file, body, segment.end, dcSteps);
    else if (marker === MARKER.DRI) restartInterval = file.u16(body);
    else if (marker === MARKER.SOS) {
      const end = entropyEnd(file, segment.end);
      const header = readScanHeader(file, body, huffman);
      yield { ...header, restartInterval, dcSteps: [...dcSteps], begin: segment.end, end };
      at = end;
    }
  }
}

/** A scan of few bytes may cost a pass over all coefficients. Encoders write about ten scans. */
const MAX_SCANS = 64;

/**
 * Whether an end marker follows the scans, the first of which begins at the marker `at`. Some writers
 * leave it out, and then a missing scan cannot be noticed. Throws if there are more than MAX_SCANS scans.
 */
export function endsWithMarker(file: Bytes, at: number): boolean {
  let scans = 0;
  for (let next = at; ; ) {
    const segment = markerOrNone(file, next);
    if (!segment || segment.marker === MARKER.EOI) return segment !== undefined;
    if (segment.marker === MARKER.SOS && ++scans > MAX_SCANS) {
      throw broken(`it has more than ${MAX_SCANS} scans`);
    }
    next = segment.marker === MARKER.SOS ? entropyEnd(file, segment.end) : segment.end;
  }
}

function markerOrNone(file: Bytes, at: number): Segment | undefined {
  try {
    return nextMarker(file, at);
  } catch {
    return undefined;
  }
}

function readScanHeader(file: Bytes, body: number, huffman: readonly (HuffmanTable | undefined)[]) {
  const count = file.u8(body);
  if (count < 1 || count > 4) throw broken(`a scan has ${count} components`);
  const components = Array.from({ length: count }, (_, i) => ({
    id: file.u8(body + 1 + i * 2),
    dcTable: huffman[file.u8(body + 2 + i * 2) >> 4],
  }));
  const after = body + 1 + count * 2;
  return {
    components,
    spectralStart: file.u8(after),
    spectralEnd: file.u8(after + 1),
    high: file.u8(after + 2) >> 4,
    low: file.u8(after + 2) & 15,
  };
}

/** DC tables only; the class is the high half of a table's first byte. */
function readHuffmanTables(
  file: Bytes,
  body: number,
  end: number,
  into: (HuffmanTable | undefined)[],
): void {
  for (let at = body; at < end; ) {
    const target = file.u8(at);
    const counts = file.slice(at + 1, 16);
    const symbols = counts.reduce((sum, count) => sum + count, 0);
    if (target >> 4 === 0) {
      into[target & 15] = new HuffmanTable(counts, file.slice(at + 17, symbols));
    }
    at += 17 + symbols;
  }
}

function readDcSteps(file: Bytes, body: number, end: number, into: (number | undefined)[]): void {
  for (let at = body; at < end; ) {
    const target = file.u8(at);
    const wide = target >> 4 > 0;
    into[target & 15] = wide ? file.u16(at + 1) : file.u8(at + 1);
    at += 1 + 64 * (wide ? 2 : 1);
  }
}
