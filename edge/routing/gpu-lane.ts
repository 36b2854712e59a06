/**
 * Images of one request on their way to the GPU tier, and back.
 * @module
 */
import { HebbError } from '../../shared/model/errors.ts';
import { freeBody } from '../body/read-body.ts';
import { type Classification, classificationOf, type Pixels } from '../classification.ts';
import type { GpuPrecision } from '../gpu/answer.ts';
import { type Form, makeChunk } from '../gpu/chunk.ts';
import { GpuFailure } from '../gpu/failure.ts';
import { late, type RunContext } from './context.ts';
import type { Work } from './work.ts';

/** What the tier computed for one image. */
interface Row {
  /** Float32 [classes]. */
  readonly probabilities: Float32Array;
  readonly precision: GpuPrecision;
}

interface AskOptions {
  /** Told where an image lies now. */
  readonly moved?: (index: number, part: Uint8Array<ArrayBuffer>) => void;
  /** What decoding adds to the tier's usual time, ms. */
  readonly decodeMs?: number;
}

export class GpuLane {
  readonly #context: RunContext;
  readonly #elsewhere: (works: readonly Work[], failure: string) => Promise<void>;

  /** @param elsewhere takes what the tier did not answer, and why */
  constructor(
    context: RunContext,
    elsewhere: (works: readonly Work[], failure: string) => Promise<void>,
  ) {
    this.#context = context;
    this.#elsewhere = elsewhere;
  }

  async take(works: readonly Work[], why: string): Promise<void> {
    // A chunk travels in one form; one file among pixels would make two half-filled chunks.
    const small = works.every(({ cost }) => cost.form === 'pixels');
    await (small ? this.#pixels(works, why) : this.#encoded(works, why));
  }

  /** One image that was decoded already. Throws `GpuFailure`, or the signal's reason. */
  async askPixels({ data }: Pixels, why: string): Promise<Classification> {
    const [row] = await this.#ask('pixels', [data as Uint8Array<ArrayBuffer>]);
    if (row instanceof HebbError) throw row;
    return this.#classification(row!, why, 0);
  }

  /** Small images are decoded here: they travel as what the model reads. */
  async #pixels(works: readonly Work[], why: string): Promise<void> {
    const { classifier, model } = this.#context.options;
    const decoded: { work: Work; data: Uint8Array<ArrayBuffer> }[] = [];
    for (const work of works) {
      try {
        const pixels = await classifier.pixels(work.image, model.manifest, this.#context.signal);
        this.#context.spentMs += work.cost.decodeMs;
        decoded.push({ work, data: pixels.data as Uint8Array<ArrayBuffer> });
      } catch (error) {
        work.failed(error);
      }
    }
    if (decoded.length === 0) return;
    const images = decoded.map(({ data }) => data);
    await this.#exchange(
      decoded.map(({ work }) => work),
      { why, ask: () => this.#ask('pixels', images), alone: () => {} },
    );
  }

  async #encoded(works: readonly Work[], why: string): Promise<void> {
    if (works.length === 0) return;
    const images = works.map(({ image }) => image);
    await this.#exchange(works, {
      why,
      ask: () =>
        this.#ask('encoded', images, {
          moved: (i, part) => works[i]!.moveTo(part),
          decodeMs: works.reduce((sum, { cost }) => sum + cost.gpuDecodeMs, 0),
        }),
      // One of them is broken, and an older tier, without `image_errors`, does not tell which: each is
      // asked alone.
      alone: async () => {
        await Promise.all(works.map((work) => this.#encoded([work], why)));
      },
    });
  }

  /** Asks, and gives each image its result, or the work to somebody else. */
  async #exchange(
    works: readonly Work[],
    how: {
      why: string;
      ask: () => Promise<(Row | HebbError)[]>;
      alone: () => Promise<void> | void;
    },
  ): Promise<void> {
    const { signal, options } = this.#context;
    const began = options.now();
    try {
      const rows = await how.ask();
      const inferMs = (options.now() - began) / works.length;
      for (const [i, work] of works.entries()) {
        const row = rows[i]!;
        if (row instanceof HebbError) work.failed(row);
        else this.#context.answer(work, this.#classification(row, how.why, inferMs));
      }
    } catch (error) {
      if (!signal.aborted && error instanceof GpuFailure && error.kind !== 'late') {
        return await this.#goOn(works, error, how.alone);
      }
      const why = signal.aborted ? signal.reason : error;
      for (const work of works) work.failed(why instanceof GpuFailure ? late() : why);
    }
  }

  /** What becomes of images that the tier did not answer. */
  async #goOn(works: readonly Work[], failure: GpuFailure, alone: () => Promise<void> | void) {
    const reason = failure.message.replace(/\.$/, '');
    if (failure.kind === 'away') await this.#elsewhere(works, `the GPU tier failed (${reason})`);
    else if (works.length === 1) works[0]!.failed(failure.error);
    else await alone();
  }

  /** A row for each image, or what is wrong with it. Throws `GpuFailure`, or the signal's reason. */
  async #ask(
    form: Form,
    images: readonly Uint8Array<ArrayBuffer>[],
    { moved, decodeMs = 0 }: AskOptions = {},
  ): Promise<(Row | HebbError)[]> {
    const { signal, leftMs, options } = this.#context;
    const { gpu, model, request } = options;
    const { name, version, labels, network } = model.manifest;
    const chunk = makeChunk(form, images, network.inputSize, (i) => {
      const image = images[i]!;
      if (form === 'encoded' && image.length === image.buffer.byteLength) freeBody(image);
    });
    for (const [i, part] of chunk.parts.entries()) moved?.(i, part);
    const { requestId } = request;
    const classes = labels.length;
    const about = { model: name, version, images: images.length, classes, requestId };
    const question = { ...about, chunk, decodeMs };
    const asked = { signal, ...(leftMs !== undefined && { leftMs }) };
    const { probabilities, precision, errors } = await gpu!.infer(question, asked);
    freeBody(chunk.body); // nobody has to compute these images any more
    let at = 0;
    return images.map((_, i) => {
      const error = errors.get(i);
      if (error) return error;
      const row = probabilities.subarray(at, at + classes);
      at += classes;
      return { probabilities: row, precision };
    });
  }

  #classification({ probabilities, precision }: Row, why: string, inferMs: number): Classification {
    const { model, request } = this.#context.options;
    return classificationOf(model.manifest, probabilities, {
      ...{ tier: 'gpu', why, top: request.top, precision, decodeMs: 0, inferMs },
    });
  }
}
