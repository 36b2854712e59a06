/**
 * Images of one request that the GPU tier classifies.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import { freeBody } from '../body/read-body.ts';
import { type Classification, classificationOf, type Pixels } from '../classification.ts';
import type { GpuPrecision } from '../gpu/answer.ts';
import { type Form, makeChunk } from '../gpu/chunk.ts';
import { GpuFailure } from '../gpu/failure.ts';
import { deadlineExceeded, type RunContext } from './context.ts';
import type { Work } from './work.ts';

/** The tier's output for one image. */
interface Row {
  /** Float32 [classes]. */
  readonly probabilities: Float32Array;
  readonly precision: GpuPrecision;
}

interface InferOptions {
  /** Called with the new place of each image's bytes. */
  readonly moved?: (index: number, part: Uint8Array<ArrayBuffer>) => void;
  /** Expected extra time for decoding, ms. */
  readonly decodeMs?: number;
}

export class GpuLane {
  readonly #context: RunContext;
  readonly #fallBack: (works: readonly Work[], failure: string) => Promise<void>;

  /** @param fallBack takes images that the tier did not answer, with the reason */
  constructor(
    context: RunContext,
    fallBack: (works: readonly Work[], failure: string) => Promise<void>,
  ) {
    this.#context = context;
    this.#fallBack = fallBack;
  }

  async take(works: readonly Work[], why: string): Promise<void> {
    // A chunk has one form; one encoded file among pixels would make two half-filled chunks.
    const small = works.every(({ cost }) => cost.form === 'pixels');
    await (small ? this.#pixels(works, why) : this.#encoded(works, why));
  }

  /** One decoded image. Throws `GpuFailure`, or the signal's reason. */
  async inferPixels({ data }: Pixels, why: string): Promise<Classification> {
    const [row] = await this.#infer('pixels', [data as Uint8Array<ArrayBuffer>]);
    if (row instanceof HebbError) throw row;
    return this.#classification(row!, why, 0);
  }

  /** Decodes small images here and sends the model's input. */
  async #pixels(works: readonly Work[], why: string): Promise<void> {
    const { classifier, model } = this.#context.options;
    const decoded: { work: Work; data: Uint8Array<ArrayBuffer> }[] = [];
    for (const work of works) {
      try {
        const pixels = await classifier.pixels(work.image, model.manifest, {
          plan: work.plan,
          signal: this.#context.signal,
        });
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
      { why, ask: () => this.#infer('pixels', images), alone: () => {} },
    );
  }

  async #encoded(works: readonly Work[], why: string): Promise<void> {
    if (works.length === 0) return;
    const images = works.map(({ image }) => image);
    await this.#exchange(works, {
      why,
      ask: () =>
        this.#infer('encoded', images, {
          moved: (i, part) => works[i]!.moveTo(part),
          decodeMs: works.reduce((sum, { cost }) => sum + cost.gpuDecodeMs, 0),
        }),
      // One of them is broken, and an older tier, without `image_errors`, does not say which: send each
      // alone.
      alone: async () => {
        await Promise.all(works.map((work) => this.#encoded([work], why)));
      },
    });
  }

  /** Sends one request and settles each image, or falls back. */
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
      if (!signal.aborted && error instanceof GpuFailure && error.kind !== 'deadline') {
        return await this.#handleFailure(works, error, how.alone);
      }
      const why = signal.aborted ? signal.reason : error;
      for (const work of works) work.failed(why instanceof GpuFailure ? deadlineExceeded() : why);
    }
  }

  async #handleFailure(
    works: readonly Work[],
    failure: GpuFailure,
    alone: () => Promise<void> | void,
  ) {
    const reason = failure.message.replace(/\.$/, '');
    if (failure.kind === 'unavailable')
      await this.#fallBack(works, `the GPU tier failed (${reason})`);
    else if (works.length === 1) works[0]!.failed(failure.error);
    else await alone();
  }

  /** A row or an error for each image. Throws `GpuFailure`, or the signal's reason. */
  async #infer(
    form: Form,
    images: readonly Uint8Array<ArrayBuffer>[],
    { moved, decodeMs = 0 }: InferOptions = {},
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
    const { probabilities, precision, errors } = await gpu!.infer(
      {
        model: name,
        version,
        images: images.length,
        classes,
        output: network.output,
        requestId,
        chunk,
        decodeMs,
      },
      { signal, ...(leftMs !== undefined && { leftMs }) },
    );
    freeBody(chunk.body); // kept until here for a fallback to the edge
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
      tier: 'gpu',
      why,
      top: request.top,
      precision,
      decodeMs: 0,
      inferMs,
    });
  }
}
