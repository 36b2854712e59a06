/**
 * Images of one request that this isolate computes, one after the other.
 * @module
 */
import { nextTurn } from '../concurrency/slices.ts';
import { late, type RunContext } from './context.ts';
import type { GpuLane } from './gpu-lane.ts';
import { decide, escalates, type Facts } from './policy.ts';
import type { Work } from './work.ts';

export class EdgeLane {
  readonly #context: RunContext;
  readonly #gpu: GpuLane;
  #line: Promise<void> = Promise.resolve();

  /** @param gpu is asked where int8 was unsure, if the request wishes that */
  constructor(context: RunContext, gpu: GpuLane) {
    this.#context = context;
    this.#gpu = gpu;
  }

  /** Puts an image into the line, if there is CPU time for it; its result is an error if not. */
  take(work: Work, failure: string | undefined): void {
    const facts = this.#context.facts([work]);
    const decision = decide(failure === undefined ? facts : withoutGpu(facts, failure));
    if (decision.tier === 'none') {
      work.failed(decision.error);
      return;
    }
    this.#context.spentMs += facts.edge.costMs;
    const { why } = decision;
    this.#line = this.#line
      .then(() => this.#compute(work, why, failure !== undefined))
      .catch((error: unknown) => work.failed(error));
  }

  /** @param standIn whether the GPU tier would have answered, had it been there */
  async #compute(work: Work, why: string, standIn: boolean): Promise<void> {
    const { signal, until, images, options } = this.#context;
    const { classifier, model, request, now } = options;
    // So that what is done is sent, and the end of the request is noticed.
    if (images > 1) await nextTurn();
    if (signal.aborted) return work.failed(signal.reason);
    if (now() > until) return work.failed(late());
    const pixels = await classifier.pixels(work.image, model.manifest, signal);
    work.letGo();
    const answer = await classifier.predict(model, pixels, { ...request, why });
    const score = answer.predictions[0]?.score ?? 0;
    const { escalateBelow } = request;
    const int8 = request.engine === 'int8';
    if (!int8 || !escalates(score, escalateBelow, this.#context.facts([work]))) {
      // The next one who asks may find the tier that this one was refused.
      const unmet = int8 && escalateBelow !== undefined && score < escalateBelow;
      return standIn || unmet ? work.done(answer) : this.#context.answer(work, answer);
    }
    const unsure = `int8 was unsure (${score} < ${escalateBelow})`;
    try {
      const sure = await this.#gpu.askPixels(pixels, unsure);
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
