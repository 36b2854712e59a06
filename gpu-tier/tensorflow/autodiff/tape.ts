/**
 * Reverse-mode automatic differentiation of a TensorFlow graph: every differentiable op records how the gradient of
 * its output becomes the gradients of its inputs (Baydin et al. 2018, "Automatic differentiation in machine
 * learning", section 3.2).
 * @module
 */
import { attr, type GraphBuilder, type Value } from '../graph/graph-builder.ts';

/**
 * Adds the nodes that compute the gradient of one input from `dy`, the gradient of the output. Their names begin
 * with `name`.
 */
export type Pullback = (dy: Value, name: string) => Value;

interface Entry {
  readonly output: Value;
  /** One per active input. */
  readonly flows: readonly { readonly to: Value; readonly pullback: Pullback }[];
}

export class Tape {
  readonly g: GraphBuilder;
  readonly #entries: Entry[] = [];
  /** Trainable parameters, and the values that depend on them. */
  readonly #active = new Set<string>();

  constructor(g: GraphBuilder) {
    this.g = g;
  }

  /** Marks a parameter as trainable. */
  watch(parameter: Value): void {
    this.#active.add(parameter.name);
  }

  /** True if `value` depends on a trainable parameter. */
  isActive(value: Value): boolean {
    return this.#active.has(value.name);
  }

  /**
   * Records that `output` was computed from `inputs`, each with its pullback, and returns it. Records nothing if no
   * input depends on a trainable parameter: frozen layers then cost no gradients.
   */
  record(output: Value, inputs: readonly (readonly [Value, Pullback])[]): Value {
    const flows = inputs
      .filter(([input]) => this.isActive(input))
      .map(([to, pullback]) => ({ to, pullback }));
    if (flows.length === 0) return output;
    this.#entries.push({ output, flows });
    this.#active.add(output.name);
    return output;
  }

  /**
   * Adds the nodes of the gradients.
   * @param seeds values, each with its initial gradient
   * @returns the gradient of every watched parameter and intermediate value, by name
   */
  gradients(seeds: readonly (readonly [Value, Value])[]): ReadonlyMap<string, Value> {
    const parts = new Map<string, Value[]>();
    const give = (to: Value, gradient: Value) => {
      const given = parts.get(to.name);
      if (given) given.push(gradient);
      else parts.set(to.name, [gradient]);
    };
    for (const [value, gradient] of seeds) give(value, gradient);
    const totals = new Map<string, Value>();
    const total = (value: Value): Value | undefined => {
      const known = totals.get(value.name);
      if (known) return known;
      const given = parts.get(value.name);
      const sum = given && addN(this.g, `grad/${nodeName(value)}`, given);
      if (sum) totals.set(value.name, sum);
      return sum;
    };
    // The readers of a value were recorded after it, so all parts of its gradient are known here.
    for (const { output, flows } of this.#entries.toReversed()) {
      const dy = total(output);
      if (!dy) continue;
      flows.forEach(({ to, pullback }, i) => {
        give(to, pullback(dy, `grad/${nodeName(output)}/${i}`));
      });
    }
    for (const [name, [first]] of parts) total({ name, dtype: first!.dtype });
    return totals;
  }
}

const nodeName = ({ name }: Value): string => name.replace(':', '_');

/** The sum of values of the same shape; a single value is returned as it is. */
function addN(g: GraphBuilder, name: string, values: readonly Value[]): Value {
  const [first] = values;
  if (values.length === 1) return first!;
  const { dtype } = first!;
  const attrs = { T: attr.type(dtype), N: attr.int(values.length) };
  return g.add('AddN', `${name}/sum`, { inputs: values, attrs, dtype });
}
