import { googlenet, layerParameters } from '../../shared/model/index.ts';
import { specOf, type TrainConfig } from './config.ts';

/** What a run writes at the least, bytes. */
export interface RunSpace {
  /** In its own folder: a checkpoint, and the next one beside it. */
  readonly run: number;
  /** In the package's: weights in float and int8, and the next version beside them. */
  readonly package: number;
}

/** Before the data were read: the classifier is counted with two classes, which is little of it all. */
export function spaceOf(config: TrainConfig): RunSpace {
  const layers = googlenet(specOf(config, 2), { auxiliary: config.auxiliary }).layers;
  const numbers = (section?: string) =>
    layers
      .filter((layer) => section === undefined || layer.section === section)
      .flatMap(layerParameters)
      .reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0);
  // The weights, what the optimiser remembers of each, and their average.
  const copies = 1 + (config.optimizer === 'adam' ? 2 : 1) + (config.average > 0 ? 1 : 0);
  const checkpoint = config.epochs === 0 ? 0 : 4 * copies * numbers();
  const weights = (config.half ? 2 : 4) * numbers('trunk') + numbers('trunk');
  return { run: 2 * checkpoint, package: 2 * weights };
}
