/**
 * Runs a graph in TensorFlow through the native addon.
 * @module
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Binding, TensorData } from '../native/binding.ts';
import { SAVED_MODEL_FILE, SERVE_TAG } from './saved-model.ts';

/** The part of the native addon that runs graphs. */
export type GraphBinding = Pick<
  Binding,
  | 'TF_FLOAT'
  | 'TF_UINT8'
  | 'createTensor'
  | 'deleteTensor'
  | 'tensorDataSync'
  | 'loadSavedModel'
  | 'runSavedModel'
  | 'deleteSavedModel'
>;

/** The tensor for a placeholder. */
export interface Feed {
  /** The placeholder's name. */
  readonly name: string;
  /** A TF_DataType: `binding.TF_UINT8`. */
  readonly dtype: number;
  readonly shape: readonly number[];
  /**
   * TensorFlow may read this memory without a copy: do not change it during the run. A value that an op keeps after
   * the run, such as a variable's first value, must be an `unsharedCopy`.
   */
  readonly data: TensorData;
}

/**
 * A copy that TensorFlow never shares: TF_NewTensor shares memory whose address is a multiple of 64 and copies other
 * memory, and no address of this copy is a multiple of 8.
 *
 * A variable that shared memory with JavaScript would free it at its first update, in one of TensorFlow's threads. The
 * addon's callback then deletes a Node-API reference there, and two threads that do so at once corrupt Node's list of
 * references and with it the heap.
 */
export function unsharedCopy(data: Float32Array): Float32Array<ArrayBuffer> {
  const copy = new Float32Array(new ArrayBuffer(data.byteLength + 4), 4, data.length);
  copy.set(data);
  return copy;
}

/** A graph in TensorFlow. */
export interface GraphSession {
  /**
   * Computes the first outputs of the nodes `fetches`, in that order. Blocks the thread. The first run with a set
   * of feeds and fetches takes longer, since TensorFlow optimises the graph for it.
   */
  run(feeds: readonly Feed[], fetches: readonly string[]): TensorData[];
  /** Frees the graph; `run` then throws. */
  dispose(): void;
}

/**
 * Loads a graph.
 * @param savedModel the bytes of a saved_model.pb
 */
export async function loadGraph(
  binding: GraphBinding,
  savedModel: Uint8Array,
): Promise<GraphSession> {
  let model: number | undefined = await load(binding, savedModel);
  return {
    run(feeds, fetches) {
      if (model === undefined) throw new Error('The graph was disposed.');
      const inputs: number[] = [];
      try {
        for (const { shape, dtype, data } of feeds) {
          inputs.push(binding.createTensor([...shape], dtype, data));
        }
        const names = feeds.map(({ name }) => name);
        const outputs = binding.runSavedModel(model, inputs, tensors(names), tensors(fetches));
        return outputs.map(({ id }) => take(binding, id));
      } finally {
        for (const id of inputs) binding.deleteTensor(id);
      }
    },
    dispose() {
      if (model !== undefined) binding.deleteSavedModel(model);
      model = undefined;
    },
  };
}

/** TensorFlow loads only from a folder, which is removed afterwards. */
async function load(binding: GraphBinding, savedModel: Uint8Array): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'hebb-graph-'));
  try {
    await writeFile(join(dir, SAVED_MODEL_FILE), savedModel);
    return binding.loadSavedModel(dir, SERVE_TAG);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

const tensors = (nodes: readonly string[]): string => nodes.map((name) => `${name}:0`).join();

/** The numbers of a tensor, which is then deleted. */
function take(binding: GraphBinding, id: number): TensorData {
  try {
    return binding.tensorDataSync(id);
  } finally {
    binding.deleteTensor(id);
  }
}
