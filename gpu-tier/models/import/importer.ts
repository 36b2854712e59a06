/**
 * Imports an ONNX file as the content of a model package.
 * @module
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { HebbError } from '@hebb/model/errors';
import { googlenet, type NetworkSpec } from '@hebb/model/network/googlenet';
import { VARIANT_TITLES, VARIANTS, type Variant } from '@hebb/model/network/variant';
import type { Label, ManifestDraft } from '@hebb/model/package/manifest';
import type { Tensors } from '@hebb/model/package/safetensors';
import { loadExternalData } from '../onnx/external.ts';
import { type Graph, readGraph } from '../onnx/graph.ts';
import {
  DATA_TYPE,
  decodeModel,
  type ModelProto,
  quoted,
  type ValueInfoProto,
} from '../onnx/model.ts';
import type { AffineChannel } from './channels.ts';
import { explainEnd, explainFamily } from './explain.ts';
import { preprocessingOf } from './file-input.ts';
import { linearShape } from './found.ts';
import { checkLabelCount } from './labels.ts';
import { type Difference, type Match, matchNetwork } from './match.ts';
import type { PreprocessingFlags } from './preprocessing.ts';
import { readPrologue } from './prologue.ts';
import { type FoundNetwork, readLayers } from './read-layers.ts';
import { convertWeights } from './weights.ts';

export interface ImportOptions {
  readonly name: string;
  readonly labels: readonly Label[];
  /** Name and version for the lineage: `hebb 0.1.0`. */
  readonly importer: string;
  readonly preprocessing?: PreprocessingFlags;
  /** Further entries of the lineage, such as the address of a download. */
  readonly lineage?: Readonly<Record<string, string>>;
}

export interface Imported {
  readonly manifest: Omit<ManifestDraft, 'files'>;
  /** Float32, batch norm folded. */
  readonly weights: Tensors;
}

/** Far above any GoogLeNet; larger files are not read into memory. */
const MAX_FILE_BYTES = 1 << 29;

/** Imports an ONNX file. Throws `unsupported_model` with an explanation of the first difference. */
export async function importOnnx(path: string, options: ImportOptions): Promise<Imported> {
  const bytes = await readModelFile(path);
  const model = decodeModel(bytes);
  await loadExternalData(model, path);
  const { match, channels } = recognise(model, options.preprocessing?.crop);
  const { spec } = match.network;
  checkLabelCount(options.labels, spec.classes);
  return {
    manifest: {
      name: options.name,
      network: spec,
      preprocessing: preprocessingOf(spec, options.preprocessing ?? {}, channels),
      labels: options.labels,
      lineage: {
        source: 'ONNX file',
        file: basename(path),
        sha256: createHash('sha256').update(bytes).digest('hex'),
        ...producer(model),
        importer: options.importer,
        ...options.lineage,
      },
    },
    weights: convertWeights(match),
  };
}

async function readModelFile(path: string): Promise<Buffer> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new HebbError('file_not_found', `${path} cannot be read.`, { cause });
  });
  try {
    const status = await file.stat();
    if (!status.isFile()) throw new HebbError('file_not_found', `${path} is not a file.`);
    if (status.size > MAX_FILE_BYTES) {
      const size = `${(status.size / 1e6).toFixed(0)} MB`;
      throw new HebbError('unsupported_model', `${path} has ${size}; a GoogLeNet has about 28 MB.`);
    }
    return await file.readFile();
  } finally {
    await file.close();
  }
}

function producer({ producer_name: name, producer_version: version }: ModelProto) {
  return name ? { producer: [name, version].filter(Boolean).join(' ').slice(0, 80) } : {};
}

/** Finds the variant that matches the file, trying each output of the graph. */
function recognise(model: ModelProto, crop: number | undefined) {
  const ends: string[] = [];
  const failures: (Difference & { graph: Graph; file: FoundNetwork })[] = [];
  for (const { name } of model.graph.output) {
    const graph = readGraph(model.graph, name);
    const end = explainEnd(graph);
    if (end) {
      ends.push(end);
      continue;
    }
    const prologue = readPrologue(graph);
    const file = readLayers(graph, prologue.nodes, prologue.start);
    for (const variant of Object.keys(VARIANTS) as Variant[]) {
      const result = matchNetwork(googlenet(specOf(variant, graph, file, crop)), file);
      if ('layers' in result) return found(result, prologue.channels);
      failures.push({ ...result, graph, file });
    }
  }
  const closest = failures.sort((a, b) => b.matched - a.matched)[0];
  if (!closest) {
    throw new HebbError('unsupported_model', ends[0] ?? 'The graph has no output.', {
      ...(ends[0] === undefined
        ? {}
        : { hint: 'Export the network without it, so that its output is the scores.' }),
    });
  }
  throw explained(closest);
}

const found = (match: Match, channels: readonly AffineChannel[]) => ({ match, channels });

function specOf(
  variant: Variant,
  graph: Graph,
  file: FoundNetwork,
  crop: number | undefined,
): NetworkSpec {
  const last = file.layers.findLast((layer) => layer.kind === 'linear');
  const classes = last ? linearShape(last)[1] : 1000;
  if (classes < 2)
    throw new HebbError('unsupported_model', 'The network has fewer than two classes.');
  const spec = { variant, classes, inputSize: inputSize(graph.input, crop) };
  return VARIANTS[variant].batchNorm ? { ...spec, folded: true } : spec;
}

/** Range of input sides of a package, pixels. */
const [SMALLEST, LARGEST] = [32, 1024];

/**
 * Side of the file's square input [n, 3, side, side], pixels; `wanted` if the file leaves it open. Throws
 * `unsupported_model` for other shapes and types.
 */
function inputSize(input: ValueInfoProto, wanted = 224): number {
  const tensor = input.type?.tensor_type;
  const type = tensor?.elem_type ?? DATA_TYPE.float;
  if (type !== DATA_TYPE.float && type !== DATA_TYPE.float16) {
    throw unsupported(input, `holds data of type ${type}, expected float32`);
  }
  const dims = tensor?.shape?.dim?.map(({ dim_value: value }) => value || undefined);
  if (!dims) return wanted;
  const [, channels, height, width] = dims;
  const shape = `[${dims.map((n) => n ?? '?')}]`;
  if (dims.length !== 4) throw unsupported(input, `is ${shape}, expected [n, 3, 224, 224]`);
  if (channels === undefined || channels === 3) {
    const side = height ?? width ?? wanted;
    const square = (height ?? side) === side && (width ?? side) === side;
    if (square && side >= SMALLEST && side <= LARGEST) return side;
    throw unsupported(input, `is ${shape}, expected a square of ${SMALLEST} to ${LARGEST} pixels`);
  }
  const layout = width === 3 ? ' (channels last: export it with channels first)' : '';
  throw unsupported(input, `is ${shape}, expected three channels${layout}`);
}

const unsupported = (input: ValueInfoProto, what: string) =>
  new HebbError('unsupported_model', `The input ${quoted(input.name)} ${what}.`);

/** Layers before the first inception module; a file that matches fewer is another kind of network. */
const NEAR_MISS = 10;

function explained({
  network,
  message,
  matched,
  graph,
  file,
}: Difference & {
  graph: Graph;
  file: FoundNetwork;
}): HebbError {
  const difference = `First difference: ${message}.`;
  const family = matched < NEAR_MISS ? explainFamily(graph, file) : undefined;
  const title = VARIANT_TITLES[network.spec.variant];
  const what = family ?? `This is not quite a GoogLeNet; nearest is “${title}”.`;
  return new HebbError('unsupported_model', `${what} ${difference}`);
}
