/**
 * ONNX Runtime as the reference for imports.
 * @module
 */
import { InferenceSession, Tensor } from 'onnxruntime-node';

export interface Session {
  /** `input` is NHWC [1, s, s, 3], as in our networks; the output is flattened. */
  run(input: Float32Array, size: number): Promise<Float32Array>;
  release(): Promise<void>;
}

export async function onnxSession(file: string | Uint8Array): Promise<Session> {
  const options = { intraOpNumThreads: 1, logSeverityLevel: 3 } as const;
  const session =
    typeof file === 'string'
      ? await InferenceSession.create(file, options)
      : await InferenceSession.create(file, options);
  return {
    async run(input, size) {
      const feeds = {
        [session.inputNames[0]!]: new Tensor('float32', toNchw(input), [1, 3, size, size]),
      };
      const outputs = await session.run(feeds);
      return (await outputs[session.outputNames[0]!]!.getData()) as Float32Array;
    },
    release: () => session.release(),
  };
}

function toNchw(nhwc: Float32Array): Float32Array {
  const area = nhwc.length / 3;
  return Float32Array.from(
    { length: nhwc.length },
    (_, i) => nhwc[(i % area) * 3 + Math.floor(i / area)]!,
  );
}
