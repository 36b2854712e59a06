/**
 * A training graph's state: resource variables, initialised before the first step and read back for
 * checkpoints.
 * @module
 */
import { attr, type GraphBuilder, type Value } from '@hebb/tensorflow/graph/graph-builder';

/** One variable of the graph, float32. */
export interface Variable {
  readonly name: string;
  readonly shape: readonly number[];
  /** The resource handle. */
  readonly handle: Value;
  /** Its value before the step's update. */
  readonly value: Value;
}

/** The node that sets all variables from their placeholders, `initial/<variable>`. */
export const INITIALISE = 'initialise';
export const initialName = (variable: string): string => `initial/${variable}`;
/** The node that reads a variable's current value. */
export const stateName = (variable: string): string => `state/${variable}`;

export class Variables {
  readonly #g: GraphBuilder;
  readonly #all = new Map<string, Variable>();

  constructor(g: GraphBuilder) {
    this.#g = g;
  }

  get all(): readonly Variable[] {
    return [...this.#all.values()];
  }

  /** The variable of that name; the first call adds it. */
  variable(name: string, shape: readonly number[]): Variable {
    const known = this.#all.get(name);
    if (known) return known;
    const g = this.#g;
    const handle = g.add('VarHandleOp', `variable/${name}`, {
      attrs: {
        dtype: attr.type('float32'),
        shape: attr.shape(shape),
        container: attr.string(''),
        shared_name: attr.string(name),
      },
      dtype: 'resource',
    });
    const variable = { name, shape, handle, value: this.read(stateName(name), handle) };
    this.#all.set(name, variable);
    return variable;
  }

  /** Reads a variable after the nodes `after` have run. */
  read(name: string, handle: Value, after: readonly Value[] = []): Value {
    const attrs = { dtype: attr.type('float32') };
    return this.#g.add('ReadVariableOp', name, {
      inputs: [handle],
      attrs,
      after,
      dtype: 'float32',
    });
  }

  /** Adds the node `INITIALISE`. Call it once, after all variables. */
  addInitialiser(): void {
    const g = this.#g;
    const assigned = this.all.map(({ name, shape, handle }) => {
      const value = g.placeholder(initialName(name), 'float32', shape);
      return assign(g, 'AssignVariableOp', `assign/${name}`, handle, value);
    });
    done(g, INITIALISE, assigned);
  }
}

/** An op that changes a variable: `AssignVariableOp`, `AssignSubVariableOp`. It has no output. */
export function assign(
  g: GraphBuilder,
  op: 'AssignVariableOp' | 'AssignSubVariableOp',
  name: string,
  handle: Value,
  value: Value,
  after: readonly Value[] = [],
): Value {
  const attrs = { dtype: attr.type('float32') };
  return g.add(op, name, { inputs: [handle, value], attrs, after, dtype: 'float32' });
}

/** A tensor to fetch so that the nodes `after`, which have no output, run. */
function done(g: GraphBuilder, name: string, after: readonly Value[]): Value {
  const one = g.constant(`${name}/one`, 'float32', [], Float32Array.of(1));
  return g.add('Identity', name, {
    inputs: [one],
    attrs: { T: attr.type('float32') },
    after,
    dtype: 'float32',
  });
}
