/**
 * A minimal client that sends single images as binary tensors over persistent connections.
 * @module
 */
import { Agent, request } from 'node:http';

export interface Reply {
  readonly status: number;
  /** Error code, unless the status is 200. */
  readonly code?: string;
  readonly probabilities?: Float32Array;
}

export interface Client {
  infer(pixels: Uint8Array): Promise<Reply>;
  close(): void;
}

export function createClient(url: URL, model: string, side: number, connections: number): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const head = Buffer.from(
    JSON.stringify({
      inputs: [
        {
          name: 'image',
          shape: [1, side, side, 3],
          datatype: 'UINT8',
          parameters: { binary_data_size: side * side * 3 },
        },
      ],
      outputs: [{ name: 'probabilities', parameters: { binary_data: true } }],
    }),
  );
  const path = `/v2/models/${model}/infer`;
  return {
    infer(pixels) {
      const headers = {
        'Content-Type': 'application/octet-stream',
        'Content-Length': head.length + pixels.length,
        'Inference-Header-Content-Length': head.length,
      };
      return new Promise((resolve, reject) => {
        const options = { method: 'POST', path, agent, headers };
        const outgoing = request(url, options, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('error', reject);
          response.once('end', () => {
            const { statusCode = 0, headers: answered } = response;
            const length = answered['inference-header-content-length'];
            resolve(replyOf(statusCode, Buffer.concat(chunks), Number(length)));
          });
        });
        outgoing.once('error', reject);
        outgoing.write(head);
        outgoing.end(pixels);
      });
    },
    close: () => agent.destroy(),
  };
}

function replyOf(status: number, body: Buffer, headerLength: number): Reply {
  if (status !== 200) {
    const { code } = JSON.parse(body.toString()) as { code: string };
    return { status, code };
  }
  return {
    status,
    probabilities: new Float32Array(new Uint8Array(body.subarray(headerLength)).buffer),
  };
}
