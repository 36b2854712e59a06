import type { NetworkBuilder, Node } from './builder.ts';

/** Channel counts of one row of the paper's Table 1. */
export interface InceptionWidths {
  readonly '1x1': number;
  readonly '3x3_reduce': number;
  readonly '3x3': number;
  readonly '5x5_reduce': number;
  readonly '5x5': number;
  readonly pool_proj: number;
}

const widths = (...w: [number, number, number, number, number, number]): InceptionWidths => ({
  '1x1': w[0],
  '3x3_reduce': w[1],
  '3x3': w[2],
  '5x5_reduce': w[3],
  '5x5': w[4],
  pool_proj: w[5],
});

/** The nine modules: "Going Deeper with Convolutions", Table 1. */
export const INCEPTION = {
  '3a': widths(64, 96, 128, 16, 32, 32),
  '3b': widths(128, 128, 192, 32, 96, 64),
  '4a': widths(192, 96, 208, 16, 48, 64),
  '4b': widths(160, 112, 224, 24, 64, 64),
  '4c': widths(128, 128, 256, 24, 64, 64),
  '4d': widths(112, 144, 288, 32, 64, 64),
  '4e': widths(256, 160, 320, 32, 128, 128),
  '5a': widths(256, 160, 320, 32, 128, 128),
  '5b': widths(384, 192, 384, 48, 128, 128),
} as const;

export type ModuleName = keyof typeof INCEPTION;

/**
 * Inception module with dimension reductions (paper Figure 2b). The third branch is always called
 * 5x5, although torchvision's GoogLeNet has a 3×3 there.
 */
export function inception(
  b: NetworkBuilder,
  from: Node,
  module: ModuleName,
  thirdBranch: 3 | 5,
): Node {
  const name = `inception${module}`;
  const w = INCEPTION[module];
  const branch1 = b.conv(`${name}/1x1`, from, { size: 1, out: w['1x1'] });

  const reduce3 = b.conv(`${name}/3x3_reduce`, from, { size: 1, out: w['3x3_reduce'] });
  const branch3 = b.conv(`${name}/3x3`, reduce3, { size: 3, out: w['3x3'] });

  const reduce5 = b.conv(`${name}/5x5_reduce`, from, { size: 1, out: w['5x5_reduce'] });
  const branch5 = b.conv(`${name}/5x5`, reduce5, { size: thirdBranch, out: w['5x5'] });

  const pool = b.maxPool(`${name}/pool`, from, 3, 1, 1);
  const branchP = b.conv(`${name}/pool_proj`, pool, { size: 1, out: w.pool_proj });

  return b.concat(name, [branch1, branch3, branch5, branchP]);
}

/** The naive module (paper Figure 2a): no reductions, so the pool branch keeps all channels. */
export function naiveInception(b: NetworkBuilder, from: Node, module: ModuleName): Node {
  const name = `inception${module}`;
  const w = INCEPTION[module];
  const branch1 = b.conv(`${name}/1x1`, from, { size: 1, out: w['1x1'] });
  const branch3 = b.conv(`${name}/3x3`, from, { size: 3, out: w['3x3'] });
  const branch5 = b.conv(`${name}/5x5`, from, { size: 5, out: w['5x5'] });
  const pool = b.maxPool(`${name}/pool`, from, 3, 1, 1);
  return b.concat(name, [branch1, branch3, branch5, pool]);
}
