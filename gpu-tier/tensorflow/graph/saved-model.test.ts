import { randomModel } from '@hebb/test/graph/compare';
import { describe, expect, it } from 'vitest';
import { inferenceGraph } from './inference.ts';
import { DATA_TYPE, decodeSavedModel, type NodeDef } from './proto/messages.ts';
import { inferenceSavedModel } from './saved-model.ts';

const model = randomModel('lrn');

function written(precision: 'f32' | 'bf16' = 'f32') {
  const bytes = inferenceSavedModel(inferenceGraph(model, { precision }), model.network.spec);
  const [metaGraph] = decodeSavedModel(bytes).meta_graphs;
  const nodes = new Map(metaGraph!.graph_def.node.map((node) => [node.name, node]));
  return { bytes, metaGraph: metaGraph!, node: (name: string): NodeDef => nodes.get(name)! };
}

describe('a SavedModel', () => {
  it('has the tag and the signature that servers look for', () => {
    const { meta_info_def: info, signature_def: signatures } = written().metaGraph;
    expect(info.tags).toEqual(['serve']);
    const { inputs, outputs, method_name: method } = signatures.serving_default!;
    expect(method).toBe('tensorflow/serving/predict');
    expect(inputs).toEqual({
      image: {
        name: 'image:0',
        dtype: DATA_TYPE.uint8,
        tensor_shape: { dim: [-1, 64, 64, 3].map((size) => ({ size })) },
      },
    });
    expect(Object.keys(outputs)).toEqual(['probabilities', 'logits', 'embedding']);
    expect(outputs.embedding!.tensor_shape.dim).toEqual([{ size: -1 }, { size: 1024 }]);
  });

  it('pads the first convolution by 3 on each side, unlike SAME (2 and 3)', () => {
    const { attr, input } = written().node('conv1/conv');
    expect(input).toEqual(['pixels/centred', 'conv1/kernel']);
    expect(new TextDecoder().decode(attr.padding!.s)).toBe('EXPLICIT');
    expect(attr.explicit_paddings!.list!.i).toEqual([0, 0, 3, 3, 3, 3, 0, 0]);
    expect(attr.strides!.list!.i).toEqual([1, 2, 2, 1]);
  });

  it('writes attributes that are false', () => {
    expect(written().node('pool5').attr.keep_dims).toEqual({ b: false });
  });

  it('has all weights unchanged, except the scaled first kernel', () => {
    const { node } = written();
    const { tensor } = node('conv2/kernel').attr.value!;
    const { data, shape } = model.weights.get('conv2/kernel')!;
    expect(tensor!.tensor_shape.dim.map(({ size }) => size)).toEqual(shape);
    expect(Buffer.from(tensor!.tensor_content).equals(Buffer.from(data.buffer))).toBe(true);
    const kernel = Buffer.from(node('conv1/kernel').attr.value!.tensor!.tensor_content);
    const [mine] = model.weights.get('conv1/kernel')!.data;
    expect(kernel.readFloatLE(0)).toBeCloseTo(mine! / 58, 7);
  });

  it('takes half the bytes in bfloat16, except for the classifier', () => {
    const [f32, bf16] = [written('f32'), written('bf16')];
    expect(bf16.node('conv2/kernel').attr.dtype).toEqual({ type: DATA_TYPE.bfloat16 });
    expect(bf16.node('linear/kernel').attr.dtype).toEqual({ type: DATA_TYPE.float32 });
    expect(bf16.bytes.length / f32.bytes.length).toBeLessThan(0.52);
  });
});
