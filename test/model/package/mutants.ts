/**
 * Mutants of a package: its manifest or weights with one defect each, and the result of loading and running
 * them. Digests and versions are correct, as if the defect was there before they were computed.
 * @module
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { loadEngine } from '@hebb/engine';
import {
  foldBatchNorm,
  googlenet,
  HebbError,
  type Manifest,
  parseManifest,
  readSafetensors,
  soundNumbers,
  toInput,
} from '@hebb/model';
import { seededRandom } from '@hebb/train/random/random';
import { loadTfjsEngine } from '@hebb/worker/engine/tfjs/index';
import { tensorStream } from '@hebb/worker/models/tensor-stream';
import { checkAnswer, checkProbabilities } from '@hebb/worker/models/warm-up';

export type Part = 'manifest' | 'int8' | 'f32';

export interface Whole {
  readonly manifest: string;
  readonly int8: Uint8Array<ArrayBuffer>;
  readonly f32: Uint8Array<ArrayBuffer>;
}

/** Number of mutants by result: `answers`, an error's code, or the name of an error without a code. */
export type Outcomes = Readonly<Record<string, number>>;

type Random = () => number;

const pick = <T>(random: Random, list: readonly T[]): T =>
  list[Math.floor(random() * list.length)]!;
const below = (random: Random, n: number): number => Math.floor(random() * n);

/** Wrong values. */
const ODD: readonly unknown[] = [
  ...[null, true, false, 0, -1, 0.5, 7, 255, 1e7, 2 ** 31, 2 ** 53, -1e300, 1e39],
  ...['', 'x', '7', '../..', 'F32', 'I8', 'BF16', 'constructor', '__proto__', '\u0000'],
  ...[[], {}, [null], [-1, 4], [0, 2 ** 40], [1, 2, 3], { toString: 1 }, { length: 3 }],
];

/** Every position in a JSON value: an object or list, and a key in it. */
function places(value: unknown): [parent: Record<string, unknown>, key: string][] {
  if (typeof value !== 'object' || value === null) return [];
  const parent = value as Record<string, unknown>;
  return Object.keys(parent).flatMap((key) => [
    [parent, key] as [Record<string, unknown>, string],
    ...places(parent[key]),
  ]);
}

/** JSON with one member replaced, removed, doubled or renamed. */
function mutatedJson(text: string, random: Random): string {
  const value: unknown = JSON.parse(text);
  const [parent, key] = pick(random, places(value));
  const way = below(random, 8);
  if (way === 0) delete parent[key];
  else if (way === 1 && Array.isArray(parent)) parent.push(parent[Number(key)]);
  else if (way === 2) parent[`${key}x`] = parent[key];
  else if (way === 3) {
    const [from, other] = pick(random, places(value));
    parent[key] = structuredClone(from[other]);
  } else if (way === 4 && typeof parent[key] === 'number')
    parent[key] += pick(random, [1, -1, 0.1, 1e9]);
  else parent[key] = pick(random, ODD);
  const json = JSON.stringify(value);
  return way === 5
    ? json.replace(/\d+/, () => pick(random, ['1e999', '-0', '00', '1e-400']))
    : json;
}

function mutatedBytes(bytes: Uint8Array<ArrayBuffer>, until: number, random: Random) {
  const copy = bytes.slice();
  const at = below(random, until);
  const way = below(random, 4);
  if (way === 0) return copy.subarray(0, at).slice();
  if (way === 1) return new Uint8Array([...copy.subarray(0, at), 0x22, ...copy.subarray(at)]);
  copy[at] = way === 2 ? copy[at]! ^ (1 << below(random, 8)) : below(random, 256);
  return copy;
}

function mutatedManifest(text: string, random: Random): string {
  if (random() < 0.75) return mutatedJson(text, random);
  const bytes = new TextEncoder().encode(text);
  return new TextDecoder().decode(mutatedBytes(bytes, bytes.length, random));
}

const LENGTH = 8;

function mutatedWeights(file: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  const view = new DataView(file.buffer, file.byteOffset);
  const bodyAt = LENGTH + Number(view.getBigUint64(0, true));
  const way = below(random, 10);
  if (way <= 3) {
    const json = mutatedJson(new TextDecoder().decode(file.subarray(LENGTH, bodyAt)), random);
    const header = new TextEncoder().encode(json);
    const mutant = new Uint8Array(LENGTH + header.length + file.length - bodyAt);
    new DataView(mutant.buffer).setBigUint64(0, BigInt(header.length), true);
    mutant.set(header, LENGTH);
    mutant.set(file.subarray(bodyAt), LENGTH + header.length);
    return mutant;
  }
  const mutant = file.slice();
  if (way === 4) {
    new DataView(mutant.buffer).setBigUint64(
      0,
      BigInt.asUintN(64, BigInt(below(random, 2 ** 50)) >> BigInt(below(random, 50))),
      true,
    );
  } else if (way === 5) return mutant.slice(0, below(random, file.length));
  else if (way === 6) mutant[LENGTH + below(random, bodyAt - LENGTH)] = below(random, 256);
  else if (way === 7) return new Uint8Array([...mutant.subarray(0, bodyAt + 64)]);
  else {
    // Wide dtypes are first: scales and biases of the int8 weights, all tensors of the float ones.
    const early = random() < 0.7 ? 40_000 : file.length - bodyAt;
    const at = bodyAt + 4 * below(random, early / 4 - 1);
    const odd = [Number.NaN, Infinity, -Infinity, 3.4e38, -3e38, 1e-42, -1];
    new DataView(mutant.buffer).setFloat32(at, pick(random, odd), true);
  }
  return mutant;
}

const GREY = { width: 40, height: 30, data: new Uint8Array(40 * 30 * 3).fill(128) };

const require = createRequire(import.meta.url);
const tfjs = () =>
  new WebAssembly.Module(
    readFileSync(require.resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm')),
  );

/** Loads and runs a package as the Worker does. Throws if the package is defective. */
export class Trial {
  readonly #whole: Whole;
  readonly #kernels: WebAssembly.Module;
  readonly #base: Manifest;
  /** Probabilities with the intact weights, by network. */
  readonly #known = new Map<string, Float32Array>();
  #tfjs: WebAssembly.Module | undefined;

  constructor(whole: Whole, kernels: WebAssembly.Module) {
    this.#whole = whole;
    this.#kernels = kernels;
    this.#base = parseManifest(whole.manifest);
  }

  manifest(text: string): void {
    const manifest = parseManifest(text);
    const pixels = toInput(GREY, manifest.preprocessing);
    const network = JSON.stringify(manifest.network);
    const known = this.#known.get(network);
    const answer =
      known ??
      loadEngine(this.#kernels, manifest.network, this.#whole.int8, { lean: true }).classify(
        pixels,
      );
    this.#known.set(network, answer);
    checkProbabilities(answer);
    checkAnswer(manifest, answer, 'int8');
  }

  int8(bytes: Uint8Array<ArrayBuffer>): void {
    const engine = loadEngine(this.#kernels, this.#base.network, bytes, { lean: true });
    const answer = engine.classify(toInput(GREY, this.#base.preprocessing));
    checkProbabilities(answer);
    checkAnswer(this.#base, answer, 'int8');
  }

  async f32(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    // The GPU tier builds its graph,
    const tensors = [...readSafetensors(bytes)].map(
      ([name, tensor]) => [name, soundNumbers(name, tensor)] as const,
    );
    foldBatchNorm(googlenet(this.#base.network), new Map(tensors));
    // and the edge loads its engine.
    this.#tfjs ??= tfjs();
    const chunks = (async function* () {
      yield bytes;
    })();
    const engine = await loadTfjsEngine(this.#tfjs, this.#base, tensorStream(chunks));
    const answer = engine.classify(toInput(GREY, this.#base.preprocessing));
    engine.dispose();
    checkProbabilities(answer);
    checkAnswer(this.#base, answer, 'float32');
  }
}

/** Tries mutants of one part. The same seed gives the same mutants. */
export async function tryMutants(
  trial: Trial,
  whole: Whole,
  options: { readonly part: Part; readonly count: number; readonly seed: number },
): Promise<Outcomes> {
  const { part, count, seed } = options;
  const outcomes: Record<string, number> = {};
  for (let i = 0; i < count; i++) {
    const random = seededRandom(seed * 1_000_003 + i);
    let outcome = 'answers';
    try {
      if (part === 'manifest') trial.manifest(mutatedManifest(whole.manifest, random));
      else if (part === 'int8') trial.int8(mutatedWeights(whole.int8, random));
      else await trial.f32(mutatedWeights(whole.f32, random));
    } catch (error) {
      const known = error instanceof HebbError;
      outcome = known
        ? error.code
        : `${(error as Error).name} of ${part} ${seed}/${i}: ${(error as Error).message}`;
    }
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  return outcomes;
}
