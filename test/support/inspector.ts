/**
 * The memory figures of V8's inspector protocol.
 * @module
 */

/** In bytes; see Runtime.getHeapUsage of the DevTools protocol. */
export interface HeapUsage {
  /** JavaScript objects, including garbage. */
  readonly totalSize: number;
  /** Buffers of ArrayBuffers, including garbage. */
  readonly backingStorageSize: number;
  readonly embedderHeapUsedSize: number;
}

/** Name of the Worker's isolate; Miniflare has others. */
const TARGET = 'core:user:';

interface Reply {
  readonly id: number;
  readonly result: HeapUsage;
}

export class Inspector {
  readonly #base: URL;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #socket: Promise<WebSocket> | undefined;
  #lastId = 0;

  constructor(base: URL) {
    this.#base = base;
  }

  /** The isolate answers between two of its tasks. */
  async heapUsage(): Promise<HeapUsage> {
    this.#socket ??= this.#connect();
    const socket = await this.#socket;
    const id = ++this.#lastId;
    const reply = new Promise<Reply>((resolve) => this.#waiting.set(id, resolve));
    socket.send(JSON.stringify({ id, method: 'Runtime.getHeapUsage' }));
    return (await reply).result;
  }

  close(): void {
    this.#socket?.then(
      (socket) => socket.close(),
      () => {}, // already reported
    );
  }

  async #connect(): Promise<WebSocket> {
    const socket = new WebSocket(`${this.#base.href.replace(/\/$/, '')}/${TARGET}`);
    socket.onmessage = ({ data }) => {
      const reply = JSON.parse(String(data)) as Reply;
      this.#waiting.get(reply.id)?.(reply);
      this.#waiting.delete(reply.id);
    };
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error(`There is no inspector at ${socket.url}`));
    });
    return socket;
  }
}
