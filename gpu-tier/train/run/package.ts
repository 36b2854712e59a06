import {
  googlenet,
  inFloat16,
  layerParameters,
  type Manifest,
  type NetworkSpec,
  type Preprocessing,
  type Tensor,
  writeSafetensors,
} from '@hebb/model';
import { writePackage } from '@hebb/packages/folder';
import { type RecordedSplit, writeSplit } from '@hebb/packages/split';
import type { TrainingState } from '../step/session.ts';
import { finalWeights } from './state.ts';

/** Mean and deviation of ImageNet's colours, the usual ones of pretrained networks. */
const MEAN = [123.675, 116.28, 103.53] as const;
const DEVIATION = [58.395, 57.12, 57.375] as const;

/** Preprocessing of a network trained from scratch: shorter side 256 for an input of 224. */
export const defaultPreprocessing = (inputSize: number): Preprocessing => ({
  channelOrder: 'rgb',
  mean: [...MEAN],
  scale: [1 / DEVIATION[0], 1 / DEVIATION[1], 1 / DEVIATION[2]],
  resize: { rule: 'shorter-side', size: Math.round((inputSize * 256) / 224) },
  crop: inputSize,
});

export interface TrainedPackage {
  readonly name: string;
  readonly spec: NetworkSpec;
  readonly preprocessing: Preprocessing;
  readonly classes: readonly string[];
  readonly state: TrainingState;
  readonly lineage: Readonly<Record<string, string>>;
  readonly split: RecordedSplit;
  /** Store the weights in float16, half the file size. */
  readonly half: boolean;
}

/**
 * Writes trained weights as a model package: the averaged weights if there are any, without the
 * auxiliary classifiers.
 */
export async function writeTrainedPackage(dir: string, trained: TrainedPackage): Promise<Manifest> {
  const { name, spec, preprocessing, classes, state, lineage, split, half } = trained;
  const parameters = googlenet(spec).layers.flatMap(layerParameters);
  const weights = finalWeights(
    state,
    parameters.map((parameter) => parameter.name),
  );
  const float32 = new Map(
    parameters.map(({ name: parameter, shape }): [string, Tensor] => {
      const data = weights.get(parameter) as Float32Array<ArrayBuffer>;
      return [parameter, { dtype: 'F32', shape, data }];
    }),
  );
  return await writePackage(dir, {
    manifest: {
      name,
      network: spec,
      preprocessing,
      labels: classes.map((label) => ({ name: label })),
      lineage,
    },
    weights: { f32: writeSafetensors(half ? inFloat16(float32) : float32) },
    split: writeSplit(split),
  });
}
