/**
 * Starts a model host, a child process, and sends batches to it.
 * @module
 */

import { spawn } from 'node:child_process';
import type { Duplex, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { HebbError } from '@hebb/model';
import { type Deferred, deferred } from '@hebb/model/node20';
import type { ModelOutputs } from '@hebb/tensorflow/backend/runner';
import { nativeEnvironment } from '@hebb/tensorflow/native/installation';
import { createFrameReader, type Frame, writeFrame } from './frames.ts';
import type {
  HostConfig,
  HostMessage,
  ImageType,
  ReadyMessage,
  ResultMessage,
  RunMessage,
} from './messages.ts';
import { PULSE_FD, SILENCE_MS, watchPulse } from './silence.ts';

export interface HostBatch {
  readonly dtype: ImageType;
  /** Real images in `parts`. */
  readonly images: number;
  /** Batch size to compute with, at least `images`. */
  readonly size: number;
  /** The bytes of the images, in order, in any number of pieces. */
  readonly parts: readonly Uint8Array[];
}

export interface HostResult {
  readonly outputs: ModelOutputs;
  readonly computeMs: number;
}

export interface HostProcess {
  readonly pid: number;
  /** False once its end is known. */
  alive(): boolean;
  readonly ready: ReadyMessage;
  /** Resident memory after the last batch, bytes. */
  rss(): number;
  /** Runs one batch. Rejects with `host_restarted` if the process ends before it answers. */
  run(batch: HostBatch): Promise<HostResult>;
  /** Resolves with a description of the reason when the process has ended. */
  readonly ended: Promise<string>;
  /** True if it was killed because it had no pulse or took too long for a batch. */
  hung(): boolean;
  /** Ends the process; batches in progress are lost. */
  close(): void;
}

export interface HostProcessOptions {
  /** Additional environment variables of the process, such as CUDA_VISIBLE_DEVICES. */
  readonly env?: Readonly<Record<string, string>>;
  /** Limit for loading and warm-up, ms. */
  readonly startTimeoutMs?: number;
  /** Limit for one batch, ms; a host that exceeds it is killed. */
  readonly batchTimeoutMs?: number;
}

const ENTRY = fileURLToPath(new URL('./main.ts', import.meta.url));

/** Starts a host. Resolves when its model is loaded and warm. */
export async function startHostProcess(
  config: HostConfig,
  { env = {}, startTimeoutMs = 300_000, batchTimeoutMs = 120_000 }: HostProcessOptions = {},
): Promise<HostProcess> {
  const child = spawn(process.execPath, [ENTRY, JSON.stringify(config)], {
    stdio: ['ignore', 2, 2, 'pipe', 'pipe'], // output of libraries goes to the server's stderr
    env: { ...process.env, ...nativeEnvironment(process.env), ...env },
  });
  const channel = child.stdio[3] as Duplex;
  channel.on('error', () => {}); // the process has ended, which 'close' of the child reports
  const kill = () => child.kill('SIGKILL'); // also ends a stopped process (SIGSTOP)
  /** Why it was killed, if it hung. */
  let hung: string | undefined;
  const hangs = (why: string) => {
    hung = why;
    kill();
  };
  const stopWatch = watchPulse(child.stdio[PULSE_FD] as Readable, () =>
    hangs(`gave no sign of life for ${SILENCE_MS / 1000} s and was ended`),
  );

  const pending = new Map<number, Deferred<Frame<ResultMessage>>>();
  const started = deferred<ReadyMessage>();
  let rss = 0;
  let nextId = 0;

  let alive = true;
  channel.once('close', () => {
    alive = false;
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not start: ${error.message}`));
    // Not 'exit', which may come before the last data on the channel.
    child.once('close', (code, signal) => {
      alive = false;
      resolve(hung ?? (signal === null ? `ended with code ${code}` : `was ended by ${signal}`));
    });
  });
  void ended.then(stopWatch);
  void ended.then((reason) => {
    const lost = () => new HebbError('host_restarted', `The model's process ${reason}.`);
    started.reject(lost());
    for (const { reject } of pending.values()) reject(lost());
    pending.clear();
  });

  channel.on(
    'data',
    createFrameReader<HostMessage>(({ header, body }) => {
      if (header.type !== 'failed') rss = header.rss;
      if (header.type === 'ready') return started.resolve(header);
      const id = header.id;
      const failed =
        header.type === 'failed'
          ? new HebbError(header.code, header.message, { hint: header.hint })
          : undefined;
      if (id === undefined) return started.reject(failed);
      const waiting = pending.get(id);
      pending.delete(id);
      if (header.type === 'failed') waiting?.reject(failed);
      else waiting?.resolve({ header, body });
    }),
  );

  const startTimer = setTimeout(
    () => hangs(`was not ready after ${startTimeoutMs / 1000} s and was ended`),
    startTimeoutMs,
  );
  const ready = await started.promise.finally(() => clearTimeout(startTimer));
  return {
    pid: child.pid!,
    alive: () => alive,
    ready,
    ended,
    rss: () => rss,
    hung: () => hung !== undefined,
    async run({ dtype, images, size, parts }) {
      if (!alive) throw new HebbError('host_restarted', `The model's process has ended.`);
      const id = nextId++;
      const answer = deferred<Frame<ResultMessage>>();
      pending.set(id, answer);
      const message: RunMessage = { type: 'run', id, dtype, images, size };
      writeFrame(channel, message, parts);
      const timer = setTimeout(
        () => hangs(`took more than ${batchTimeoutMs / 1000} s for a batch and was ended`),
        batchTimeoutMs,
      );
      const frame = await answer.promise.finally(() => clearTimeout(timer));
      return { outputs: outputsOf(frame), computeMs: frame.header.computeMs };
    },
    close() {
      channel.end();
      // A host that is computing notices the end later; one that hangs never does.
      const timer = setTimeout(kill, 5_000);
      void ended.then(() => clearTimeout(timer));
    },
  };
}

function outputsOf({ header, body }: Frame<ResultMessage>): ModelOutputs {
  const values = new Float32Array(body.buffer);
  const scores = header.images * header.classes;
  return {
    probabilities: values.subarray(0, scores),
    logits: values.subarray(scores, 2 * scores),
    embedding: values.subarray(2 * scores),
  };
}
