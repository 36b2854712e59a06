/**
 * GoogLeNet, the one definition of the network: "Going Deeper with Convolutions", Szegedy et al.,
 * 2014 (arXiv:1409.4842), Table 1 and Figure 3. The lines are in the order in which data flows; the shapes
 * beside them are those of a 224×224 input.
 * @module
 */
import { inputTooSmall, NetworkBuilder, type Node } from './builder.ts';
import { inception, type ModuleName, naiveInception } from './inception.ts';
import type { Layer } from './layer.ts';
import { VARIANTS, type Variant } from './variant.ts';

/** What identifies a network; part of every model package's manifest. */
export interface NetworkSpec {
  readonly variant: Variant;
  readonly classes: number;
  /** Side of the square input, pixels. */
  readonly inputSize: number;
  /** True once batch norm was folded into kernels and biases; the tensors then are kernel and bias. */
  readonly folded?: boolean;
  /**
   * What the last layer makes of the logits; absent: softmax, one class for an image. `sigmoid`: each class
   * has its own probability, for images that show several things.
   */
  readonly output?: 'sigmoid';
  /** What stands between the last module and the classifier; default `averagePool`. */
  readonly head?: Head;
}

/** Kind and name of the layer that answers. Those of auxiliary classifiers have a prefix: `aux1/softmax`. */
export type AnswerLayer = 'softmax' | 'sigmoid';

export const answerLayer = ({ output }: Pick<NetworkSpec, 'output'>): AnswerLayer =>
  output ?? 'softmax';

/**
 * `averagePool`: the mean over height and width (paper section 5, after Lin et al. 2013).
 * `fullyConnected`: 1024 units on the flattened maps, which that mean replaced. Its kernel fits one input
 * size only. Float32 only: it is neither quantised nor exported as ONNX.
 */
export const HEADS = ['averagePool', 'fullyConnected'] as const;
export type Head = (typeof HEADS)[number];

/** The layer whose output, 1024 numbers, is the embedding of an image. */
export const embeddingLayer = ({ head }: Pick<NetworkSpec, 'head'>): 'pool5' | 'fc' =>
  head === 'fullyConnected' ? 'fc' : 'pool5';

export interface Network {
  readonly spec: NetworkSpec;
  /** In reading order: every layer comes after the layers it reads. */
  readonly layers: readonly Layer[];
}

export interface BuildOptions {
  /** Add the two auxiliary classifiers on inception4a and inception4d. */
  readonly auxiliary?: boolean;
}

/** Krizhevsky et al. 2012 use size 5, alpha 1e-4, beta 0.75 and k = 2; BVLC's GoogLeNet k = 1. */
const LRN = { size: 5, alpha: 1e-4, beta: 0.75, bias: 1 } as const;

/** Loss weight of each auxiliary classifier (paper section 5). */
export const AUXILIARY_LOSS_WEIGHT = 0.3;

/** Builds the network's layers for a spec. Throws `invalid_argument` when the input is too small. */
export function googlenet(spec: NetworkSpec, options: BuildOptions = {}): Network {
  const traits = VARIANTS[spec.variant];
  const b = new NetworkBuilder({ batchNorm: traits.batchNorm && !spec.folded });
  const module = (from: Node, name: ModuleName): Node =>
    traits.naive ? naiveInception(b, from, name) : inception(b, from, name, traits.thirdBranch);

  let x = b.input(spec.inputSize, spec.inputSize, 3); // 224×224×3
  x = b.conv('conv1', x, { size: 7, out: 64, stride: 2 }); // 112×112×64
  x = b.maxPool('pool1', x, 3, 2); // 56×56×64
  if (traits.lrn) x = b.lrn('norm1', x, LRN);
  x = b.conv('conv2_reduce', x, { size: 1, out: 64 }); // 56×56×64
  x = b.conv('conv2', x, { size: 3, out: 192 }); // 56×56×192
  if (traits.lrn) x = b.lrn('norm2', x, LRN);
  x = b.maxPool('pool2', x, 3, 2); // 28×28×192

  x = module(x, '3a'); // 28×28×256
  x = module(x, '3b'); // 28×28×480
  x = b.maxPool('pool3', x, 3, 2); // 14×14×480

  x = module(x, '4a'); // 14×14×512
  if (options.auxiliary) auxiliary(b, x, 'aux1', spec);
  x = module(x, '4b'); // 14×14×512
  x = module(x, '4c'); // 14×14×512
  x = module(x, '4d'); // 14×14×528
  if (options.auxiliary) auxiliary(b, x, 'aux2', spec);
  x = module(x, '4e'); // 14×14×832
  x = b.maxPool('pool4', x, traits.pool4, 2); // 7×7×832

  x = module(x, '5a'); // 7×7×832
  x = module(x, '5b'); // 7×7×1024

  b.section('head');
  x =
    spec.head === 'fullyConnected'
      ? b.linear('fc', x, 1024, { relu: true })
      : b.globalAveragePool('pool5', x); // 1024: the embedding
  x = b.dropout('dropout', x, 0.4);
  x = b.linear('linear', x, spec.classes);
  const answer = answerLayer(spec);
  b[answer](answer, x);
  return { spec, layers: b.layers };
}

/**
 * An auxiliary classifier (paper section 5): fights vanishing gradients, dropped at inference. The
 * paper's 5×5 window with stride 3 makes 4×4 of 14×14. At other input sizes the window is chosen so
 * that it also makes 4×4, so the weights fit every training size.
 */
function auxiliary(b: NetworkBuilder, from: Node, name: 'aux1' | 'aux2', spec: NetworkSpec): void {
  b.section(name);
  const side = from.shape[0];
  const stride = Math.floor(side / 4);
  if (stride < 1) throw inputTooSmall(name);
  let x = b.averagePool(`${name}/pool`, from, side - 3 * stride, stride); // 4×4×512 (528 for aux2)
  x = b.conv(`${name}/conv`, x, { size: 1, out: 128 }); // 4×4×128
  x = b.linear(`${name}/fc`, x, 1024, { relu: true });
  x = b.dropout(`${name}/dropout`, x, 0.7);
  x = b.linear(`${name}/linear`, x, spec.classes);
  const answer = answerLayer(spec);
  b[answer](`${name}/${answer}`, x);
  b.section('trunk');
}
