/**
 * Table 1 of "Going Deeper with Convolutions" (arXiv:1409.4842), as printed, and the ways of
 * counting that give its figures, as far as they are known.
 * @module
 */
import type { Cost } from './cost.ts';

export interface PaperRow {
  /** Layers on the longest path through the row that have weights. */
  readonly depth: number;
  /** Thousands, as printed: 159 for `159K`. */
  readonly parameters?: number;
  /** Millions, as printed: 128 for `128M`. */
  readonly operations?: number;
}

const row = (depth: number, parameters?: number, operations?: number): PaperRow =>
  parameters === undefined || operations === undefined
    ? { depth }
    : { depth, parameters, operations };

/** By the names that `describe` gives its rows. LRN has no row in the paper's table. */
export const PAPER_TABLE: Readonly<Record<string, PaperRow>> = {
  conv1: row(1, 2.7, 34),
  pool1: row(0),
  conv2: row(2, 112, 360),
  pool2: row(0),
  inception3a: row(2, 159, 128),
  inception3b: row(2, 380, 304),
  pool3: row(0),
  inception4a: row(2, 364, 73),
  inception4b: row(2, 437, 88),
  inception4c: row(2, 463, 100),
  inception4d: row(2, 580, 119),
  inception4e: row(2, 840, 170),
  pool4: row(0),
  inception5a: row(2, 1072, 54),
  inception5b: row(2, 1388, 71),
  pool5: row(0),
  dropout: row(0),
  linear: row(1, 1000, 1),
  softmax: row(0),
  sigmoid: row(0),
};

/** Sums of the table's columns: 6,798 thousand (K = 1024) and 1,502 million. */
export function paperTotals(): { parameters: number; operations: number } {
  const rows = Object.values(PAPER_TABLE);
  return {
    parameters: rows.reduce((sum, row) => sum + (row.parameters ?? 0), 0),
    operations: rows.reduce((sum, row) => sum + (row.operations ?? 0), 0),
  };
}

/** Claims about the network in the paper's text. */
export const PAPER_CLAIMS = {
  /** "22 layers deep when counting only layers with parameters" (section 5). */
  weightLayers: 22,
  /** "or 27 layers if we also count pooling" (section 5). */
  withPooling: 27,
  /** "a computational budget of 1.5 billion multiply-adds at inference time" (section 1). */
  multiplyAdds: 1.5e9,
  /** "12× fewer parameters than the winning architecture of Krizhevsky et al" (section 1). */
  alexNetRatio: 12,
} as const;

/** A way of counting and rounding under which our count gives the printed figure. */
export type Reading =
  | 'K = 1024'
  | 'K = 1024 + biases'
  | 'K = 1024 cut off'
  | 'M = 10⁶'
  | 'M = 10⁶ cut off';

/** The way of counting that gives a row's printed parameters; undefined if none does. */
export function readParameters(
  printed: number,
  cost: Cost & { biases: number },
): Reading | undefined {
  const weights = (cost.parameters - cost.biases) / 1024;
  if (Math.round(weights) === printed && weights % 1 !== 0.5) return 'K = 1024';
  if (Math.round(cost.parameters / 1024) === printed) return 'K = 1024 + biases';
  if (Math.floor(weights) === printed) return 'K = 1024 cut off';
  return undefined;
}

/** The same for operations. */
export function readOperations(printed: number, { multiplyAdds }: Cost): Reading | undefined {
  const millions = multiplyAdds / 1e6;
  if (Math.round(millions) === printed) return 'M = 10⁶';
  if (Math.floor(millions) === printed) return 'M = 10⁶ cut off';
  return undefined;
}

/**
 * conv1 as the paper must have counted it: a separable convolution with depth multiplier 8. The
 * same group's next paper says that it was used there (arXiv:1502.03167, appendix): each colour through 8
 * filters of 7×7, then 24 → 64 by 1×1.
 */
export function separableConv1(): Cost {
  const [colours, multiplier, out, positions] = [3, 8, 64, 112 * 112];
  const parameters = 7 * 7 * colours * multiplier + colours * multiplier * out;
  return { parameters, multiplyAdds: parameters * positions };
}

/**
 * inception5a with 816 input channels and a 5×5 reduction to 48, which gives the printed 1072K and 54M. The
 * same row of the table says 832 and 32.
 */
export function otherInception5a(): Cost {
  const [from, reduced] = [816, 48];
  const parameters = from * (256 + 160 + reduced + 128) + 9 * 160 * 320 + 25 * reduced * 128;
  return { parameters, multiplyAdds: parameters * 7 * 7 };
}
