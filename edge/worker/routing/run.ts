/**
 * One request's images on the two tiers.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import { RunContext, type RunOptions } from './context.ts';
import { EdgeLane } from './edge-lane.ts';
import { GpuLane } from './gpu-lane.ts';
import { decide } from './policy.ts';
import type { Work } from './work.ts';

export class Run {
  readonly #ends = new AbortController();
  readonly #context: RunContext;
  readonly #edge: EdgeLane;
  readonly #gpu: GpuLane;

  constructor(options: RunOptions) {
    this.#context = new RunContext(options, this.#ends.signal);
    this.#gpu = new GpuLane(this.#context, (works, failure) => this.#route(works, failure));
    this.#edge = new EdgeLane(this.#context, this.#gpu);
    const { signal } = options.request;
    if (signal?.aborted) this.end();
    else signal?.addEventListener('abort', () => this.end());
  }

  get signal(): AbortSignal {
    return this.#ends.signal;
  }

  /** The client has disconnected. */
  end(): void {
    this.#ends.abort(new HebbError('body_incomplete', 'The client disconnected.'));
  }

  /** Processes images; each is settled with its result. */
  async take(works: readonly Work[]): Promise<void> {
    this.#context.images += works.length;
    // Images that only the GPU tier can decode are routed alone: the others may go to the edge.
    const fitting = works.filter(({ cost }) => !cost.obstacle);
    const large = works.filter(({ cost }) => cost.obstacle);
    await Promise.all([this.#route(fitting), ...large.map((work) => this.#route([work]))]);
  }

  /** @param failure why the GPU tier failed with these images before */
  async #route(works: readonly Work[], failure?: string): Promise<void> {
    if (works.length === 0) return;
    const decision = decide(this.#context.facts(works));
    if (decision.tier === 'gpu' && failure === undefined) {
      await this.#gpu.take(works, decision.why);
    } else if (works.length > 1) {
      // One by one: where the budget ends, only the images beyond it fail.
      await Promise.all(works.map((work) => this.#route([work], failure)));
    } else {
      this.#edge.take(works[0]!, failure);
    }
  }
}
