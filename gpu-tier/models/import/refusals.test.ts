/**
 * Files that are not a GoogLeNet are explained; damaged and hostile files are refused.
 */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { googlenet } from '@hebb/model';
import { importModel, labelsFor } from '@hebb/test/support/import-onnx';
import { withExternalData } from '@hebb/test/support/onnx-storage';
import { onnxModel } from '@hebb/test/support/onnx-writer';
import * as others from '@hebb/test/support/other-networks';
import { randomWeights, seededRandom } from '@hebb/test/support/random-weights';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeModel, type ModelProto, type NodeProto, type TensorProto } from '../onnx/model.ts';
import { importOnnx } from './importer.ts';

/** A GoogLeNet that can be imported; tests change copies of it. */
let good: ModelProto;
beforeAll(() => {
  const network = googlenet({ variant: 'bn3x3', classes: 10, inputSize: 64 });
  good = onnxModel(network, randomWeights(network, 1));
});

/** The message of the refusal; an import that works, or fails in another way, fails the test. */
async function refusal(
  model: ModelProto | Uint8Array,
  code = 'unsupported_model',
): Promise<string> {
  const error: unknown = await importModel(model).then(
    () => expect.unreachable('it was imported'),
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: 'HebbError', code });
  return (error as Error).message;
}

/** The GoogLeNet with one of its nodes changed. */
function withNode(find: (node: NodeProto) => boolean, change: Partial<NodeProto>): ModelProto {
  const index = good.graph.node.findIndex(find);
  const node = good.graph.node.with(index, { ...good.graph.node[index]!, ...change });
  return { ...good, graph: { ...good.graph, node } };
}

/** The GoogLeNet with its tensor of this shape changed. */
function withTensor(shape: string, change: Partial<TensorProto>): ModelProto {
  const index = good.graph.initializer.findIndex(({ dims }) => dims?.join() === shape);
  const tensor = { ...good.graph.initializer[index]!, ...change };
  return {
    ...good,
    graph: { ...good.graph, initializer: good.graph.initializer.with(index, tensor) },
  };
}

describe('other networks', () => {
  it.each([
    [
      'resnet',
      others.resnet,
      /^This looks like a ResNet: Add joins two branches at Add "node_v\d+"\./,
    ],
    ['vgg', others.vgg, /a VGG: its 8 convolutions are all 3×3/],
    [
      'mobilenet',
      others.mobilenet,
      /a MobileNet.*: Conv "\w+" convolves in 32 groups \(depthwise\)/,
    ],
    ['alexnet', others.alexnet, /an AlexNet or CaffeNet: it starts with an 11×11 kernel/],
    ['inception v3', others.inceptionV3, /an Inception v3 or later: Conv "\w+" has a 1×7 kernel/],
    ['squeezenet', others.squeezenet, /a SqueezeNet: 8 Concat nodes join two branches each/],
    ['densenet', others.densenet, /a DenseNet: it has 24 Concat nodes/],
    ['transformer', others.transformer, /a transformer: it has LayerNormalization/],
    ['quantised', others.quantised, /a quantised model \(import the float32 one.*QuantizeLinear/],
    ['perceptron', others.perceptron, /no convolutional network: it has no convolution/],
  ])('recognises a %s', async (_, build, message) => {
    expect(await refusal(build())).toMatch(message);
  });

  it('reports the first difference too', async () => {
    expect(await refusal(others.resnet())).toContain(
      'First difference: after conv1: expected MaxPool 3×3/2, padded by 0, rounded up, found MaxPool 3×3/2, padded by 1',
    );
    expect(await refusal(others.vgg())).toContain(
      'after input: expected Conv 7×7/2 3→64, padded by 3, with ReLU, found Conv 3×3 3→16, padded by 1',
    );
  });
});

describe('almost a GoogLeNet', () => {
  it('reports which branch of which module differs', async () => {
    const wide = googlenet({ variant: 'bn3x3', classes: 10, inputSize: 64 });
    const layers = wide.layers.map((layer) =>
      layer.kind === 'conv' && layer.name === 'inception4b/3x3'
        ? { ...layer, size: 5, pad: 2 }
        : layer,
    );
    const changed = { ...wide, layers };
    const message = await refusal(onnxModel(changed, randomWeights(changed, 1)));
    expect(message).toMatch(
      /^This is not quite a GoogLeNet; nearest is “batch norm, 3×3 third branch \(torchvision\)”\. First difference: after inception4a, no branch is inception4b\/3x3: expected Conv 3×3 112→224, padded by 1, with ReLU, found Conv 5×5 112→224, padded by 2, with ReLU/,
    );
  });

  it.each<[string, string, (node: NodeProto) => boolean, Partial<NodeProto>, RegExp]>([
    ['another stride', 'attribute', (n) => n.op_type === 'Conv', {}, /Conv 7×7\/3/],
    [
      'an average for a maximum',
      'op',
      (n) => n.op_type === 'MaxPool',
      { op_type: 'AveragePool' },
      /after conv1: expected MaxPool 3×3\/2.*, found AveragePool/,
    ],
    [
      'no ReLU',
      'op',
      (n) => n.op_type === 'Relu',
      { op_type: 'Sigmoid' },
      /after input: expected Conv 7×7\/2 .* with ReLU, found Conv 7×7\/2.*without ReLU/,
    ],
  ])('notices %s', async (_, kind, find, change, message) => {
    const strides = good.graph.node.find(find)!.attribute;
    const attribute = strides!.map((a) => (a.name === 'strides' ? { ...a, ints: [3, 3] } : a));
    expect(await refusal(withNode(find, kind === 'attribute' ? { attribute } : change))).toMatch(
      message,
    );
  });

  it('notices a head on features that are not averaged', async () => {
    const model = withNode((n) => n.op_type === 'GlobalAveragePool', {
      op_type: 'AveragePool',
      attribute: [{ name: 'kernel_shape', type: 7, ints: [1, 1] }],
    });
    expect(await refusal(model)).toContain(
      'expected an average over the 2×2 features, found AveragePool 1×1',
    );
  });

  it('notices layers after the end', async () => {
    const last = good.graph.output[0]!.name;
    const node = { op_type: 'Sigmoid', name: 's', input: [last], output: ['squashed'] };
    const output = [{ ...good.graph.output[0]!, name: 'squashed' }];
    const graph = { ...good.graph, node: [...good.graph.node, node], output };
    expect(await refusal({ ...good, graph })).toContain(
      'expected Softmax or the end, found Sigmoid',
    );
  });

  it('refuses channels in an order that no image has', async () => {
    const order = { name: 'order', dims: [3], data_type: 7, int64_data: [1, 2, 0] };
    const gather = {
      op_type: 'Gather',
      name: 'g',
      input: ['image', 'order'],
      output: ['mixed'],
      attribute: [{ name: 'axis', type: 2, i: 1 }],
    };
    const [conv, ...rest] = good.graph.node;
    const first = { ...conv!, input: ['mixed', ...conv!.input.slice(1)] };
    const graph = {
      ...good.graph,
      node: [gather, first, ...rest],
      initializer: [...good.graph.initializer, order],
    };
    expect(await refusal({ ...good, graph })).toContain('rearranges its input');
  });

  it('ignores auxiliary outputs beside the main one', async () => {
    const spec = { variant: 'bn3x3', classes: 10, inputSize: 160 } as const;
    const trained = googlenet(spec, { auxiliary: true });
    const outputs = ['aux1/linear', 'linear', 'aux2/linear'];
    const model = onnxModel(trained, randomWeights(trained, 3), { outputs });
    const { manifest, weights: imported } = await importModel(model);
    expect(manifest.network).toEqual({ ...spec, folded: true });
    expect([...imported.keys()].some((name) => name.startsWith('aux'))).toBe(false);
  });
});

describe('inputs and labels', () => {
  const withInput = (dims: (number | string)[]): ModelProto => {
    const dim = dims.map((d) => (typeof d === 'number' ? { dim_value: d } : { dim_param: d }));
    const input = [{ name: 'image', type: { tensor_type: { elem_type: 1, shape: { dim } } } }];
    return { ...good, graph: { ...good.graph, input } };
  };

  it.each<[(number | string)[], string]>([
    [[1, 64, 64, 3], 'channels last: export it with channels first'],
    [[1, 3, 64, 96], 'expected a square'],
    [[1, 3, 8, 8], 'expected a square of 32 to 1024 pixels'],
    [[1, 3, 64], 'expected [n, 3, 224, 224]'],
    [[1, 1, 64, 64], 'expected three channels'],
  ])('refuses an input of %j', async (dims, message) => {
    expect(await refusal(withInput(dims))).toContain(message);
  });

  it('needs one label per output', async () => {
    await expect(importModel(good, { classes: 9 })).rejects.toMatchObject({
      code: 'invalid_argument',
      message: "There are 9 labels for the network's 10 outputs.",
    });
  });
});

describe('damaged and hostile files', () => {
  it('refuses a file that is not ONNX', async () => {
    const pointer = Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:c99c\n');
    expect(await refusal(pointer)).toContain('not an ONNX model');
    expect(await refusal(new Uint8Array())).toContain('it holds no graph');
    expect(await refusal(Buffer.alloc(1000, 0xff))).toContain('protobuf');
  });

  it('refuses a file that is cut off at any place', async () => {
    const bytes = encodeModel(good);
    for (const share of [0.001, 0.3, 0.9, 0.9999]) {
      await refusal(bytes.subarray(0, Math.floor(bytes.length * share)));
    }
  });

  it('survives a file with random bytes in it', async () => {
    const bytes = encodeModel(others.resnet());
    const random = seededRandom(5);
    for (let round = 0; round < 200; round++) {
      const broken = bytes.slice();
      // The structure of the graph is in the first kilobytes; zeros of weights follow.
      for (let i = 0; i < 4; i++) broken[Math.floor(random() * 3000)] = Math.floor(random() * 256);
      const result: unknown = await importOnnxBytes(broken).catch((error: unknown) => error);
      expect(result).toMatchObject({ name: 'HebbError' });
    }
  });

  it('does not decode millions of empty parts', async () => {
    // A graph (field 7) of two million nodes (field 1), each of no bytes.
    const nodes = new Uint8Array(4_000_000).map((_, i) => (i % 2 === 0 ? 0x0a : 0));
    const length = [0x80 | (nodes.length & 0x7f), 0x80 | ((nodes.length >> 7) & 0x7f)];
    const rest = [0x80 | ((nodes.length >> 14) & 0x7f), nodes.length >> 21];
    const file = Buffer.concat([Buffer.of(0x3a, ...length, ...rest), nodes]);
    expect(await refusal(file)).toContain('far too large');
  });

  it('refuses shapes that do not match the data', async () => {
    expect(await refusal(withTensor('64,3,7,7', { dims: [64, 3, 7, 70_000_000] }))).toContain(
      'impossible shape',
    );
    expect(await refusal(withTensor('64,3,7,7', { dims: [64, 3, 7, -7] }))).toContain(
      'impossible shape',
    );
    expect(await refusal(withTensor('64,3,7,7', { raw_data: new Uint8Array(16) }))).toContain(
      'has 4 values for the shape [64,3,7,7]',
    );
    expect(await refusal(withTensor('64,3,7,7', { data_type: 8 }))).toContain('not floating point');
    expect(await refusal(withTensor('10', { dims: [5, 2] }))).toContain(
      'has the shape [5,2], expected [10]',
    );
  });

  it('refuses weights with NaN', async () => {
    const raw_data = new Uint8Array(Float32Array.of(...Array(9).fill(0), Number.NaN).buffer);
    expect(await refusal(withTensor('10', { raw_data }))).toContain('NaN or infinity');
  });

  it('refuses a graph with undefined values', async () => {
    expect(await refusal(withNode((n) => n.op_type === 'Relu', { input: ['nobody'] }))).toContain(
      'reads "nobody", unknown here',
    );
    const taken = good.graph.node[0]!.output;
    expect(await refusal(withNode((n) => n.op_type === 'Relu', { output: taken }))).toContain(
      `Two nodes compute the value "${taken[0]}"`,
    );
  });

  it('escapes control characters in names', async () => {
    const name = `\x1b[2J${'x'.repeat(500)}`;
    const message = await refusal(
      withNode((n) => n.op_type === 'MaxPool', { op_type: 'Pad', name }),
    );
    expect(message).toContain('\\u001b[2Jxxx');
    expect(message.length).toBeLessThan(600);
  });

  it('reads no file outside the model’s folder', async () => {
    for (const location of ['../secret.bin', '/etc/passwd', 'link.bin', '', 'a\0b']) {
      const folder = await temporaryFolder();
      await mkdir(join(folder, 'models'));
      await writeFile(join(folder, 'secret.bin'), Buffer.alloc(40_000_000));
      await symlink('../secret.bin', join(folder, 'models', 'link.bin'));
      const { model } = withExternalData(good, location);
      const path = join(folder, 'models', 'model.onnx');
      await writeFile(path, encodeModel(model));
      await expect(importFile(path)).rejects.toMatchObject({
        code: 'unsupported_model',
        message: expect.stringContaining("outside the model's folder"),
      });
    }
  });

  it('checks that external data exist and are long enough', async () => {
    const { model, data } = withExternalData(good, 'weights.bin');
    await refusal(model, 'file_not_found');
    await expect(
      importModel(model, { external: { 'weights.bin': data.subarray(0, 1000) } }),
    ).rejects.toThrow(/asks for bytes \d+\.\.\d+ of a file of 1000/);
  });

  it('refuses folders and missing files', async () => {
    const folder = await temporaryFolder();
    await expect(importFile(folder)).rejects.toMatchObject({ code: 'file_not_found' });
    await expect(importFile(join(folder, 'no.onnx'))).rejects.toMatchObject({
      code: 'file_not_found',
    });
  });
});

const importFile = (path: string) =>
  importOnnx(path, { name: 'test', labels: labelsFor(10), importer: 'test' });

async function importOnnxBytes(bytes: Uint8Array) {
  const path = join(await fuzzFolder(), 'model.onnx');
  await writeFile(path, bytes);
  return importFile(path);
}

let folder: string | undefined;
const fuzzFolder = async () => {
  folder ??= await temporaryFolder();
  return folder;
};
