/**
 * From gradients to updates: clipping, weight decay, SGD or Adam, averaging of weights.
 * @module
 */
import { attr, type GraphBuilder, type Value } from '@hebb/tensorflow/graph/graph-builder';
import { add, maximum, mul, sqrt, square, sub, sum } from '@hebb/tensorflow/graph/ops';
import { assign, type Variable, type Variables } from './variables.ts';

export type OptimizerOptions =
  | { readonly kind: 'sgd'; readonly momentum: number; readonly nesterov: boolean }
  | { readonly kind: 'adam' | 'adamw'; readonly beta1: number; readonly beta2: number };

/** Kingma & Ba 2015, algorithm 1. */
const ADAM_EPSILON = 1e-8;

/** Scalars that are fed at each step. */
export interface StepInputs {
  readonly rate: Value;
  /** Adam's beta1^t and beta2^t at step t, counted from 1. */
  readonly beta1Power: Value;
  readonly beta2Power: Value;
  /** Decay of the moving average, 0 to 1. */
  readonly averageDecay: Value;
}

export interface UpdateOptions {
  readonly optimizer: OptimizerOptions;
  /**
   * Adds decay · w to a kernel's gradient; biases and batch norm have no decay. AdamW (Loshchilov & Hutter
   * 2019) subtracts rate · decay · w from the kernel instead, past the adaptive part.
   */
  readonly weightDecay: number;
  /** Largest norm of all gradients together; 0: no limit. */
  readonly clipNorm: number;
  /** Factor on the rate for each parameter. */
  readonly rateFactor: (parameter: string) => number;
}

const scalar = (g: GraphBuilder, name: string, value: number): Value =>
  g.constant(name, 'float32', [], Float32Array.of(value));

/** Scales the gradients down to a joint norm of `limit` at most; also returns the norm before that. */
export function clipped(
  g: GraphBuilder,
  gradients: ReadonlyMap<Variable, Value>,
  limit: number,
): { readonly gradients: ReadonlyMap<Variable, Value>; readonly norm: Value } {
  const squares = [...gradients].map(([{ name, shape }, gradient]) => {
    const at = `clip/${name}`;
    return sum(
      g,
      at,
      square(g, `${at}/squares`, gradient),
      shape.map((_, axis) => axis),
    );
  });
  const attrs = { T: attr.type('float32'), N: attr.int(squares.length) };
  const total = g.add('AddN', 'clip/total', { inputs: squares, attrs, dtype: 'float32' });
  const norm = sqrt(g, 'clip/norm', total);
  const bound = scalar(g, 'clip/limit', limit);
  const factor = g.add('RealDiv', 'clip/factor', {
    inputs: [bound, maximum(g, 'clip/larger', norm, bound)],
    attrs: { T: attr.type('float32') },
    dtype: 'float32',
  });
  const scaled = [...gradients].map(
    ([variable, gradient]) =>
      [variable, mul(g, `clip/${variable.name}/scaled`, gradient, factor)] as const,
  );
  return { gradients: new Map(scaled), norm };
}

/** Adds the update of one parameter. Returns its node. */
export function update(
  g: GraphBuilder,
  variables: Variables,
  variable: Variable,
  gradient: Value,
  inputs: StepInputs,
  { optimizer, weightDecay, rateFactor }: UpdateOptions,
): Value {
  const { name, shape, handle, value } = variable;
  const at = `update/${name}`;
  let total = gradient;
  const decays = weightDecay > 0 && name.endsWith('/kernel');
  const decay = decays
    ? mul(g, `${at}/decay`, value, scalar(g, `${at}/decay/rate`, weightDecay))
    : undefined;
  if (decay && optimizer.kind !== 'adamw') total = add(g, `${at}/decayed`, gradient, decay);
  const rate = mul(g, `${at}/rate`, inputs.rate, scalar(g, `${at}/factor`, rateFactor(name)));
  const slot = (kind: string) => variables.variable(`${kind}/${name}`, shape).handle;
  const type = { T: attr.type('float32') };
  if (optimizer.kind === 'sgd') {
    const momentum = scalar(g, `${at}/momentum`, optimizer.momentum);
    return g.add('ResourceApplyMomentum', at, {
      inputs: [handle, slot('momentum'), rate, total, momentum],
      attrs: { ...type, use_nesterov: attr.bool(optimizer.nesterov) },
      dtype: 'float32',
    });
  }
  const { beta1Power, beta2Power } = inputs;
  const constants = [optimizer.beta1, optimizer.beta2, ADAM_EPSILON].map((constant, i) =>
    scalar(g, `${at}/constant${i}`, constant),
  );
  const updated = g.add('ResourceApplyAdam', at, {
    inputs: [
      ...[handle, slot('adam_m'), slot('adam_v')],
      ...[beta1Power, beta2Power, rate, ...constants, total],
    ],
    attrs: type,
    after: decay ? [decay] : [], // the decay is that of the weights before the update
    dtype: 'float32',
  });
  if (!decay || optimizer.kind !== 'adamw') return updated;
  const shrink = mul(g, `${at}/shrink`, decay, rate);
  return assign(g, 'AssignSubVariableOp', `${at}/shrunk`, handle, shrink, [updated]);
}

/**
 * Moves an average towards `target`: variable −= (variable − target) · (1 − decay). For batch norm's
 * running statistics and for averages of weights.
 */
export function follow(
  g: GraphBuilder,
  { name, handle, value }: Variable,
  target: Value,
  decay: Value,
): Value {
  const at = `follow/${name}`;
  const share = sub(g, `${at}/share`, scalar(g, `${at}/one`, 1), decay);
  const difference = sub(g, `${at}/difference`, value, target);
  return assign(g, 'AssignSubVariableOp', at, handle, mul(g, `${at}/step`, difference, share));
}
