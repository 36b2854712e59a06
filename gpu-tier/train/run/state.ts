import { HebbError } from '@hebb/model';
import type { TrainingSession, TrainingState } from '../step/session.ts';
import { averageName } from '../step/step-graph.ts';

const AVERAGE = averageName('');

/** Whether a variable is the optimiser's memory, and no weight. */
export const isOptimizerState = (name: string): boolean => /^(momentum|adam_m|adam_v)\//.test(name);

/**
 * The initial values of a graph's variables: those of `previous` if it has them. A new average starts at
 * its weights, a new momentum at 0. Throws `invalid_package` for any other missing variable.
 */
export function startingState(
  variables: TrainingSession['variables'],
  previous: TrainingState,
): Map<string, Float32Array> {
  return new Map(
    variables.map(({ name, shape }) => {
      const length = shape.reduce((product, n) => product * n, 1);
      const known = previous.get(name);
      if (known) return [name, checked(name, known, length)];
      if (isOptimizerState(name)) return [name, new Float32Array(length)];
      const source = name.startsWith(AVERAGE)
        ? previous.get(name.slice(AVERAGE.length))
        : undefined;
      if (source) return [name, checked(name, source.slice(), length)];
      throw new HebbError('invalid_package', `There is no initial value for ${name}.`, {
        hint: 'The checkpoint or package belongs to another network: start a new run.',
      });
    }),
  );
}

function checked(name: string, values: Float32Array, length: number): Float32Array {
  if (values.length === length) return values;
  throw new HebbError('invalid_package', `${name} has ${values.length} numbers, not ${length}.`, {
    hint: 'The checkpoint or package belongs to another network: start a new run.',
  });
}

/** The weights to write: the averages if there are any, else the weights themselves. */
export function finalWeights(
  state: TrainingState,
  parameters: readonly string[],
): ReadonlyMap<string, Float32Array> {
  return new Map(
    parameters.map((name) => [name, state.get(averageName(name)) ?? state.get(name)!]),
  );
}
