/**
 * Metrics for Prometheus. Each one supports an operational decision (docs/operations.md).
 * @module
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { BatchReport } from '../batching/batcher.ts';
import type { RestartReason } from '../host/replica.ts';
import type { ServedModel } from '../host/served-model.ts';

export interface Metrics {
  /** Counts an inference request by outcome: `ok`, `cancelled`, or the code of its error. */
  request(model: string, outcome: string, seconds: number): void;
  batch(model: string, report: BatchReport): void;
  restart(model: string, reason: RestartReason): void;
  /** Prometheus' text format, and its content type. */
  expose(): Promise<{ readonly text: string; readonly contentType: string }>;
}

/** Buckets in seconds: from a batch of one on a GPU to an overlong queue. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const SIZES = [1, 2, 4, 8, 16, 32, 64, 128];

/** @param models called when metrics are read, for queue depth and memory */
export function createMetrics(models: () => readonly ServedModel[]): Metrics {
  const registry = new Registry();
  // Includes the lag of the event loop, which shows whether the server was blocked.
  collectDefaultMetrics({ register: registry });
  const common = { registers: [registry] };

  const requests = new Counter({
    ...common,
    name: 'hebb_requests_total',
    help: 'Inference requests, by outcome: ok, cancelled, or the code of the error.',
    labelNames: ['model', 'outcome'],
  });
  const seconds = new Histogram({
    ...common,
    name: 'hebb_request_seconds',
    help: 'From the arrival of a request to its answer.',
    labelNames: ['model'],
    buckets: SECONDS,
  });
  const inferences = new Counter({
    ...common,
    name: 'hebb_inference_count_total',
    help: 'Images computed. Divided by executions: the real batch size.',
    labelNames: ['model'],
  });
  const executions = new Counter({
    ...common,
    name: 'hebb_execution_count_total',
    help: 'Batches computed.',
    labelNames: ['model'],
  });
  const padding = new Counter({
    ...common,
    name: 'hebb_padding_count_total',
    help: 'Blank images computed to reach an allowed batch size.',
    labelNames: ['model'],
  });
  const queue = new Histogram({
    ...common,
    name: 'hebb_queue_seconds',
    help: 'Time in line, per request.',
    labelNames: ['model'],
    buckets: SECONDS,
  });
  const compute = new Histogram({
    ...common,
    name: 'hebb_compute_seconds',
    help: 'Time in the model, per batch.',
    labelNames: ['model'],
    buckets: SECONDS,
  });
  const sizes = new Histogram({
    ...common,
    name: 'hebb_batch_size',
    help: 'Images per batch, without padding.',
    labelNames: ['model'],
    buckets: SIZES,
  });
  const restarts = new Counter({
    ...common,
    name: 'hebb_host_restarts_total',
    help: 'Restarts of model hosts, by reason: crash, hang or memory.',
    labelNames: ['model', 'reason'],
  });
  new Gauge({
    ...common,
    name: 'hebb_queue_depth',
    help: 'Images in line.',
    labelNames: ['model'],
    collect() {
      this.reset(); // removes unloaded models
      for (const model of models()) this.set({ model: model.manifest.name }, model.queueDepth());
    },
  });
  new Gauge({
    ...common,
    name: 'hebb_host_memory_bytes',
    help: 'Resident memory of a model host after its last batch.',
    labelNames: ['model', 'replica'],
    collect() {
      this.reset();
      for (const model of models()) {
        for (const [replica, { rss }] of model.replicas().entries()) {
          this.set({ model: model.manifest.name, replica }, rss);
        }
      }
    },
  });

  return {
    request(model, outcome, took) {
      requests.inc({ model, outcome });
      seconds.observe({ model }, took);
    },
    batch(model, { images, size, computeMs, queueMs }) {
      inferences.inc({ model }, images);
      executions.inc({ model });
      padding.inc({ model }, size - images);
      compute.observe({ model }, computeMs / 1000);
      sizes.observe({ model }, images);
      for (const ms of queueMs) queue.observe({ model }, ms / 1000);
    },
    restart: (model, reason) => restarts.inc({ model, reason }),
    async expose() {
      return { text: await registry.metrics(), contentType: registry.contentType };
    },
  };
}
