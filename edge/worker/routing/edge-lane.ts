/**
 * Images of one request that this isolate classifies, one after another.
 * @module
 */
import { nextTurn } from '../concurrency/slices.ts';
import { deadlineExceeded, type RunContext } from './context.ts';
import type { GpuLane } from './gpu-lane.ts';
import { decide, escalates, type Facts } from './policy.ts';
import type { Work } from './work.ts';

export class EdgeLane {
  readonly #context: RunContext;
  readonly #gpu: GpuLane;
  #queue: Promise<void> = Promise.resolve();

  /** @param gpu classifies again where int8 was unsure and the request has `escalateBelow` */
  constructor(context: RunContext, gpu: GpuLane) {
    this.#context = context;
    this.#gpu = gpu;
  }

  /**
   * Queues an image if the CPU budget allows it; fails it otherwise.
   * @param failure why the GPU tier failed with it before
   */
  take(work: Work, failure: string | undefined): void {
    const facts = this.#context.facts([work]);
    const decision = decide(failure === undefined ? facts : withoutGpu(facts, failure));
    if (decision.tier === 'none') {
      work.failed(decision.error);
      return;
    }
    this.#context.spentMs += facts.edge.costMs;
    const { why } = decision;
    this.#queue = this.#queue
      .then(() => this.#compute(work, why, failure !== undefined))
      .catch((error: unknown) => work.failed(error));
  }

  /** @param standIn whether the GPU tier failed with it before */
  async #compute(work: Work, why: string, standIn: boolean): Promise<void> {
    const { signal, until, images, options } = this.#context;
    const { classifier, model, request, now } = options;
    // Lets finished results be sent, and an abort be noticed.
    if (images > 1) await nextTurn();
    if (signal.aborted) return work.failed(signal.reason);
    if (now() > until) return work.failed(deadlineExceeded());
    const pixels = await classifier.pixels(work.image, model.manifest, { plan: work.plan, signal });
    work.release();
    const answer = await classifier.predict(model, pixels, { ...request, why });
    const score = answer.predictions[0]?.score ?? 0;
    const { escalateBelow } = request;
    const int8 = request.engine === 'int8';
    if (!int8 || !escalates(score, escalateBelow, this.#context.facts([work]))) {
      // Not cached: the next request may reach the GPU tier.
      const unmet = int8 && escalateBelow !== undefined && score < escalateBelow;
      return standIn || unmet ? work.done(answer) : this.#context.answer(work, answer);
    }
    const unsure = `int8 was unsure (${score} < ${escalateBelow})`;
    try {
      const sure = await this.#gpu.inferPixels(pixels, unsure);
      this.#context.answer(work, { ...sure, timing: answer.timing });
    } catch (error) {
      if (signal.aborted) return work.failed(signal.reason);
      const reason = error instanceof Error ? error.message : String(error);
      work.done({ ...answer, why: `${why}; ${unsure}, but the GPU tier: ${reason}` });
    }
  }
}

const withoutGpu = (facts: Facts, failure: string): Facts => ({
  ...facts,
  gpu: { ...facts.gpu, state: 'open', failure },
});
