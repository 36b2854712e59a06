/**
 * The variants of published weights, all built by the same code.
 * @module
 */

interface VariantTraits {
  /** Local response normalisation after pool1 and conv2 (paper Figure 3). */
  readonly lrn: boolean;
  /** Batch norm after every convolution (Ioffe & Szegedy 2015), which then has no bias. */
  readonly batchNorm: boolean;
  /** Kernel of the third branch: 5 in the paper, 3 in torchvision. */
  readonly thirdBranch: 3 | 5;
  /** Window of the pool before inception5a: 3 in the paper, 2 in torchvision. */
  readonly pool4: 2 | 3;
  readonly naive: boolean;
}

export const VARIANTS = {
  lrn: {
    lrn: true,
    batchNorm: false,
    thirdBranch: 5,
    pool4: 3,
    naive: false,
  },
  bn5x5: {
    lrn: false,
    batchNorm: true,
    thirdBranch: 5,
    pool4: 3,
    naive: false,
  },
  bn3x3: {
    lrn: false,
    batchNorm: true,
    thirdBranch: 3,
    pool4: 2,
    naive: false,
  },
  naive: {
    lrn: true,
    batchNorm: false,
    thirdBranch: 5,
    pool4: 3,
    naive: true,
  },
} as const satisfies Record<string, VariantTraits>;

export type Variant = keyof typeof VARIANTS;

/** Titles for people; separate from the traits, which the pages' scripts load. */
export const VARIANT_TITLES: Readonly<Record<Variant, string>> = {
  lrn: 'GoogLeNet of the paper, with LRN (BVLC, ONNX Model Zoo)',
  bn5x5: 'batch norm, 5×5 third branch (for training from scratch)',
  bn3x3: 'batch norm, 3×3 third branch (torchvision)',
  naive: 'naive modules without 1×1 reductions (paper Figure 2a), to show what they cost',
};
