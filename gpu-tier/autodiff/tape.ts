/**
 * Reverse-mode differentiation of a TensorFlow graph while it is written: every differentiable op
 * notes how a gradient of its output becomes gradients of its inputs (Baydin et al. 2018,
 * "Automatic differentiation in machine learning", section 3.2).
 * @module
 */
import { attr, type GraphBuilder, type Value } from '../graph/graph-builder.ts';

/**
 * Adds the nodes that turn `dy`, the gradient of the output, into that of one input. They are named
 * below `name`.
 */
export type Pullback = (dy: Value, name: string) => Value;

interface Entry {
  readonly output: Value;
  /** One per input that a gradient flows to. */
  readonly flows: readonly { readonly to: Value; readonly pullback: Pullback }[];
}

export class Tape {
  readonly g: GraphBuilder;
  readonly #entries: Entry[] = [];
  /** Values that a trainable parameter has gone into, and those parameters. */
  readonly #active = new Set<string>();

  constructor(g: GraphBuilder) {
    this.g = g;
  }

  /** Marks a parameter whose gradient will be wanted. */
  watch(parameter: Value): void {
    this.#active.add(parameter.name);
  }

  /** True when a gradient of `value` is of use to somebody. */
  isActive(value: Value): boolean {
    return this.#active.has(value.name);
  }

  /**
   * Notes that `output` was computed from `inputs`, each with its pullback, and returns it. Where
   * nothing trainable went in, nothing is noted: gradients are not computed for nobody.
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
   * Adds the gradients' nodes. `seeds` are values and the gradients that they start with. Gives the
   * gradient of every watched parameter and everything between, by the value's name.
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
    // Whoever reads a value was added after it, so all its parts are there when it is reached.
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

/** The sum of values of one shape; one alone stands for itself. */
function addN(g: GraphBuilder, name: string, values: readonly Value[]): Value {
  const [first] = values;
  if (values.length === 1) return first!;
  const { dtype } = first!;
  const attrs = { T: attr.type(dtype), N: attr.int(values.length) };
  return g.add('AddN', `${name}/sum`, { inputs: values, attrs, dtype });
}
