/**
 * The int8 engine in the browser: the same WebAssembly and TypeScript as at the edge, in a Web Worker.
 * The model is fetched at the first call.
 *
 *     const engine = openBrowserEngine({});
 *     const { predictions } = await engine.classify(file, { top: 5 });
 *
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import type {
  Activations,
  BrowserAnswer,
  CallName,
  EngineImage,
  EngineInfo,
  FromEngine,
  OcclusionMap,
  ToEngine,
} from './calls.ts';

export type { Activations, BrowserAnswer, EngineImage, EngineInfo, OcclusionMap } from './calls.ts';

/** Its methods reject with a HebbError, or with the signal's reason when it is aborted. */
export interface BrowserEngine {
  /** Loads the model and describes it. */
  info(): Promise<EngineInfo>;
  /** The network's input for an image. Fetches the model's manifest only, not its weights. */
  crop(image: EngineImage, options?: Abortable): Promise<ImageData>;
  classify(
    image: EngineImage,
    options: Abortable & { readonly top: number },
  ): Promise<BrowserAnswer>;
  /**
   * How far a label's score falls while a patch of the mean colour covers a part of the image (Zeiler and
   * Fergus 2014, "Visualizing and Understanding Convolutional Networks", section 4.2). Takes about 170
   * classifications.
   * @param options.label the label's index
   */
  occlusion(
    image: EngineImage,
    options: Abortable & {
      readonly label: number;
      readonly onProgress?: (done: number, total: number) => void;
    },
  ): Promise<OcclusionMap>;
  /** A layer's outputs for the image that was classified last. */
  activations(layer: string): Promise<Activations>;
  /** Ends the Web Worker and frees the model. Pending calls reject with `shutting_down`. */
  close(): void;
}

interface Abortable {
  readonly signal?: AbortSignal | undefined;
}

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (reason: unknown) => void;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Opens the engine in a Web Worker. Close it when it is no longer needed.
 * @param options.key an API key, if the service requires one
 */
export function openBrowserEngine(options: { readonly key?: string | undefined }): BrowserEngine {
  const worker = new Worker('/assets/engine/worker.js', { type: 'module', name: 'hebb-engine' });
  const waiting = new Map<number, Waiting>();
  let calls = 0;
  const send = (message: ToEngine) => worker.postMessage(message);
  send({ key: options.key });

  worker.addEventListener('message', ({ data }: MessageEvent<FromEngine>) => {
    const call = waiting.get(data.id);
    if (!call) return;
    if ('done' in data) {
      call.onProgress?.(data.done, data.total);
      return;
    }
    waiting.delete(data.id);
    if ('result' in data) call.resolve(data.result as never);
    else call.reject(errorFrom(data.error));
  });
  const failAll = (error: HebbError) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.addEventListener('error', ({ message }) => failAll(notStarted(message)));

  function call<Result>(
    name: CallName,
    args: readonly unknown[],
    { signal, onProgress }: Abortable & Pick<Waiting, 'onProgress'> = {},
  ): Promise<Result> {
    signal?.throwIfAborted();
    const id = calls++;
    return new Promise<Result>((resolve, reject) => {
      const abort = () => {
        if (!waiting.delete(id)) return;
        send({ id, cancel: true });
        reject(signal?.reason);
      };
      const end =
        <Value>(settle: (value: Value) => void) =>
        (value: Value) => {
          signal?.removeEventListener('abort', abort);
          settle(value);
        };
      waiting.set(id, { resolve: end(resolve), reject: end(reject), onProgress });
      signal?.addEventListener('abort', abort);
      send({ id, call: name, args });
    });
  }

  return {
    info: async () => await call('info', []),
    crop: async (image, more) => await call('crop', [image], more),
    classify: async (image, { top, ...more }) => await call('classify', [image, { top }], more),
    occlusion: async (image, { label, ...more }) =>
      await call('occlusion', [image, { label }], more),
    activations: async (layer) => await call('activations', [layer]),
    close() {
      worker.terminate();
      failAll(new HebbError('shutting_down', 'The engine in this page was closed.'));
    },
  };
}

const errorFrom = ({ code, message, hint }: Pick<HebbError, 'code' | 'message' | 'hint'>) =>
  new HebbError(code, message, { hint });

const notStarted = (why: string) =>
  new HebbError(
    'engine_unavailable',
    `The engine in this page did not start: ${why || 'no reason given'}.`,
    {
      hint: 'Reload the page, or use the edge.',
    },
  );
