/**
 * One request's images on the tiers: what has been spent, what is under way.
 * @module
 */
import { HebbError } from '../../shared/model/errors.ts';
import { freeBody } from '../body/read-body.ts';
import type { ResultCache } from '../cache/result-cache.ts';
import { type Classification, type Classifier, classificationOf } from '../classification.ts';
import { type Form, makeChunk } from '../gpu/chunk.ts';
import { GpuFailure } from '../gpu/failure.ts';
import type { GpuTier } from '../gpu/gpu-tier.ts';
import type { LoadedModel } from '../models/loaded-model.ts';
import { INFER_MS } from './cost.ts';
import { decide, escalates, type Facts } from './policy.ts';
import type { DispatchOptions } from './result.ts';
import type { Work } from './work.ts';

export interface RunOptions {
  readonly classifier: Classifier;
  readonly cache: ResultCache;
  readonly gpu: GpuTier | undefined;
  readonly limits: { readonly cpuMs: number };
  readonly now: () => number;
  readonly model: LoadedModel;
  readonly request: DispatchOptions;
}

const NO_GPU = { state: 'none', waitMs: 0, queueDepth: 0, expectMs: Infinity } as const;

export class Run {
  readonly #options: RunOptions;
  readonly #ends = new AbortController();
  readonly #until: number;
  #images = 0;
  #spentMs = 0;
  /** The edge computes one image after the other. */
  #lane: Promise<void> = Promise.resolve();

  constructor(options: RunOptions) {
    this.#options = options;
    const { deadlineMs = Infinity, signal } = options.request;
    this.#until = options.now() + deadlineMs;
    if (signal?.aborted) this.end();
    else signal?.addEventListener('abort', () => this.end());
  }

  get signal(): AbortSignal {
    return this.#ends.signal;
  }

  /** Nobody waits any more. */
  end(): void {
    this.#ends.abort(new HebbError('body_incomplete', 'The client went away.'));
  }

  /** Works on images; each gets its result. */
  async take(works: readonly Work[]): Promise<void> {
    if (works.length === 0) return;
    this.#images += works.length;
    // What the edge cannot decode would take the others with it.
    const fitting = works.filter(({ cost }) => !cost.obstacle);
    const large = works.filter(({ cost }) => cost.obstacle);
    await Promise.all([this.#route(fitting), ...large.map((work) => this.#route([work]))]);
  }

  async #route(works: readonly Work[], failure?: string): Promise<void> {
    if (works.length === 0) return;
    const decision = decide(this.#facts(works));
    if (decision.tier === 'gpu' && failure === undefined) {
      await this.#toGpu(works, decision.why);
    } else if (works.length > 1) {
      // Beyond the edge's budget it is one image, not all of them.
      await Promise.all(works.map((work) => this.#route([work], failure)));
    } else {
      this.#toEdge(works[0]!, failure);
    }
  }

  #facts(works: readonly Work[]): Facts {
    const { gpu, limits, request, now } = this.#options;
    const inferMs = INFER_MS[request.engine];
    const left = this.#until - now();
    return {
      wish: request.tier,
      images: Math.max(this.#images, request.expected ?? 0),
      leftMs: left === Infinity ? undefined : left,
      edge: {
        obstacle: works.find(({ cost }) => cost.obstacle)?.cost.obstacle,
        costMs: works.reduce((sum, { cost }) => sum + cost.decodeMs + inferMs, 0),
        budgetMs: limits.cpuMs - this.#spentMs,
      },
      gpu: gpu ? { ...gpu.health, expectMs: gpu.expectMs(works.length) } : NO_GPU,
    };
  }

  // -- the edge --

  /** Puts an image into the line of those that the edge computes, if there is CPU time for it. */
  #toEdge(work: Work, failure: string | undefined): void {
    const facts = this.#facts([work]);
    const decision = decide(failure === undefined ? facts : withoutGpu(facts, failure));
    if (decision.tier === 'none') {
      work.failed(decision.error);
      return;
    }
    this.#spentMs += facts.edge.costMs;
    const { why } = decision;
    this.#lane = this.#lane
      .then(() => this.#atEdge(work, why, failure !== undefined))
      .catch((error: unknown) => work.failed(error));
  }

  /** @param standIn whether the GPU tier would have answered, had it been there */
  async #atEdge(work: Work, why: string, standIn: boolean): Promise<void> {
    const { classifier, model, request, now } = this.#options;
    // So that what is done is sent, and the end of the request is noticed.
    if (this.#images > 1) await turn();
    if (this.signal.aborted) return work.failed(this.signal.reason);
    if (now() > this.#until) return work.failed(late());
    const pixels = await classifier.pixels(work.image, model.manifest, this.signal);
    work.letGo();
    const answer = await classifier.predict(model, pixels, { ...request, why });
    const score = answer.predictions[0]?.score ?? 0;
    const { escalateBelow } = request;
    const int8 = request.engine === 'int8';
    if (!int8 || !escalates(score, escalateBelow, this.#facts([work]))) {
      // The next one who asks may find the tier that this one was refused.
      const unmet = int8 && escalateBelow !== undefined && score < escalateBelow;
      return standIn || unmet ? work.done(answer) : this.#answer(work, answer);
    }
    const unsure = `int8 was unsure (${score} < ${escalateBelow})`;
    try {
      const [probabilities] = await this.#ask('pixels', [pixels.data as Uint8Array<ArrayBuffer>]);
      this.#answer(work, {
        ...this.#fromGpu(probabilities!, unsure, 0),
        timing: answer.timing,
      });
    } catch (error) {
      if (this.signal.aborted) return work.failed(this.signal.reason);
      const reason = error instanceof Error ? error.message : String(error);
      work.done({ ...answer, why: `${why}; ${unsure}, but the GPU tier: ${reason}` });
    }
  }

  // -- the GPU tier --

  async #toGpu(works: readonly Work[], why: string): Promise<void> {
    // A chunk travels in one form; one file among pixels would make two half-filled chunks.
    const small = works.every(({ cost }) => cost.form === 'pixels');
    await (small ? this.#pixelsToGpu(works, why) : this.#chunkToGpu(works, why));
  }

  /** Small images are decoded here: they travel as what the model reads. */
  async #pixelsToGpu(works: readonly Work[], why: string): Promise<void> {
    const { classifier, model } = this.#options;
    const decoded: { work: Work; data: Uint8Array<ArrayBuffer> }[] = [];
    for (const work of works) {
      try {
        const pixels = await classifier.pixels(work.image, model.manifest, this.signal);
        this.#spentMs += work.cost.decodeMs;
        decoded.push({ work, data: pixels.data as Uint8Array<ArrayBuffer> });
      } catch (error) {
        work.failed(error);
      }
    }
    if (decoded.length === 0) return;
    await this.#exchange(
      decoded.map(({ work }) => work),
      () =>
        this.#ask(
          'pixels',
          decoded.map(({ data }) => data),
        ),
      why,
      () => {},
    );
  }

  async #chunkToGpu(works: readonly Work[], why: string): Promise<void> {
    if (works.length === 0) return;
    await this.#exchange(
      works,
      () =>
        this.#ask(
          'encoded',
          works.map(({ image }) => image),
          (i, part) => works[i]!.moveTo(part),
        ),
      why,
      // Somebody's file is broken. Halves find out whose; the tier tells the same of one alone.
      async () => {
        const half = Math.ceil(works.length / 2);
        await Promise.all([
          this.#chunkToGpu(works.slice(0, half), why),
          this.#chunkToGpu(works.slice(half), why),
        ]);
      },
    );
  }

  /** Asks, and gives each image its result, or the work to somebody else. */
  async #exchange(
    works: readonly Work[],
    askAll: () => Promise<Float32Array[]>,
    why: string,
    split: () => Promise<void> | void,
  ): Promise<void> {
    const { now } = this.#options;
    const began = now();
    try {
      const rows = await askAll();
      const inferMs = (now() - began) / works.length;
      for (const [i, work] of works.entries()) {
        this.#answer(work, this.#fromGpu(rows[i]!, why, inferMs));
      }
    } catch (error) {
      if (!this.signal.aborted && error instanceof GpuFailure && error.kind !== 'late') {
        return await this.#goOn(works, error, split);
      }
      const why = this.signal.aborted ? this.signal.reason : error;
      for (const work of works) work.failed(why instanceof GpuFailure ? late() : why);
    }
  }

  /** What becomes of images that the GPU tier did not answer. */
  async #goOn(works: readonly Work[], failure: GpuFailure, split: () => Promise<void> | void) {
    const reason = failure.message.replace(/\.$/, '');
    if (failure.kind === 'away') await this.#route(works, `the GPU tier failed (${reason})`);
    else if (works.length === 1) works[0]!.failed(failure.error);
    else await split();
  }

  /** Float32 [classes] for each image. Throws `GpuFailure`, or the signal's reason. */
  async #ask(
    form: Form,
    images: readonly Uint8Array<ArrayBuffer>[],
    moved: (index: number, part: Uint8Array<ArrayBuffer>) => void = () => {},
  ): Promise<Float32Array[]> {
    const { gpu, model, request, now } = this.#options;
    const { name, version, labels, network } = model.manifest;
    const chunk = makeChunk(form, images, network.inputSize, (i) => {
      const image = images[i]!;
      if (form === 'encoded' && image.length === image.buffer.byteLength) freeBody(image);
    });
    for (const [i, part] of chunk.parts.entries()) moved(i, part);
    const left = this.#until - now();
    const { requestId } = request;
    const classes = labels.length;
    const question = { model: name, version, images: images.length, classes, chunk, requestId };
    const options = { signal: this.signal, ...(left !== Infinity && { leftMs: left }) };
    const values = await gpu!.infer(question, options);
    freeBody(chunk.body); // nobody has to compute these images any more
    return images.map((_, i) => values.subarray(i * classes, (i + 1) * classes));
  }

  #fromGpu(probabilities: Float32Array, why: string, inferMs: number): Classification {
    const { model, request } = this.#options;
    return classificationOf(model.manifest, probabilities, {
      ...{ tier: 'gpu', why, top: request.top, precision: 'float32', decodeMs: 0, inferMs },
    });
  }

  #answer(work: Work, answer: Classification): void {
    const { cache, request } = this.#options;
    cache.keep(work.entry, answer, request.keepAlive);
    work.done(answer);
  }
}

const withoutGpu = (facts: Facts, failure: string): Facts => ({
  ...facts,
  gpu: { ...facts.gpu, state: 'open', failure },
});

const late = () =>
  new HebbError('deadline_exceeded', 'The time of the request was over before this image’s turn.');

/** Lets everything else that is due go first. */
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
