/**
 * Where the activations lie in the engine's WebAssembly memory; planned once, at load.
 * @module
 */
import type { Network } from '@hebb/model/network/googlenet';
import { isReal, type Layer } from '@hebb/model/network/layer';

/** A layer's output: a dense buffer, or a slice of the channels of a concatenation's buffer. */
export interface View {
  /** Name of the layer that owns the buffer. */
  readonly buffer: string;
  /** First channel within the buffer. */
  readonly channel: number;
  /** Bytes from pixel to pixel. */
  readonly stride: number;
}

/** Bytes that kernels may read or write past a buffer's end: a vector. */
const SLACK = 16;
/** Pixels that a buffer has at least: the largest tile. */
const MIN_PIXELS = 6;
const ALIGNMENT = 64;

export const align = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/**
 * Assigns each layer its view. Branches write directly into their slice of the concatenation, and
 * dropout, which does nothing at inference, shares the buffer it reads; so neither needs a copy.
 */
export function planViews(network: Network): Map<string, View> {
  const views = new Map<string, View>();
  for (const layer of network.layers) {
    if (layer.kind !== 'concat') continue;
    let channel = 0;
    for (const input of layer.inputs) {
      views.set(input, { buffer: layer.name, channel, stride: layer.shape[2] });
      channel += network.layers.find(({ name }) => name === input)!.shape[2];
    }
  }
  for (const layer of network.layers) {
    if (views.has(layer.name)) continue;
    const own = { buffer: layer.name, channel: 0, stride: layer.shape[2] };
    views.set(layer.name, layer.kind === 'dropout' ? views.get(layer.inputs[0]!)! : own);
  }
  return views;
}

interface Lifetime {
  readonly buffer: string;
  readonly bytes: number;
  /** Steps of the first write and the last read. */
  first: number;
  last: number;
}

/**
 * Addresses of the activation buffers, relative to the first one. A buffer's place is reused once its
 * last reader has run. The largest buffer is placed first, each at the lowest free address.
 */
export function planArena(
  network: Network,
  views: ReadonlyMap<string, View>,
): { readonly offsets: ReadonlyMap<string, number>; readonly bytes: number } {
  const placed: { lifetime: Lifetime; offset: number }[] = [];
  const lifetimes = lifetimesOf(network, views).sort((a, b) => b.bytes - a.bytes);
  for (const lifetime of lifetimes) {
    const alive = placed
      .filter(({ lifetime: other }) => other.first <= lifetime.last && lifetime.first <= other.last)
      .sort((a, b) => a.offset - b.offset);
    let offset = 0;
    for (const other of alive) {
      if (offset + lifetime.bytes <= other.offset) break;
      offset = Math.max(offset, other.offset + other.lifetime.bytes);
    }
    placed.push({ lifetime, offset });
  }
  const ends = placed.map(({ lifetime, offset }) => offset + lifetime.bytes);
  return {
    offsets: new Map(placed.map(({ lifetime, offset }) => [lifetime.buffer, offset])),
    bytes: Math.max(...ends),
  };
}

/**
 * Bytes of a layer's buffer: one for an activation, four for a logit or a probability. The padded
 * image is not planned here, because its border is filled once and must stay.
 */
export function bufferBytes(layer: Layer): number {
  if (layer.kind === 'input') return 0;
  const [h, w, c] = layer.shape;
  if (isReal(layer)) return align(Math.ceil(c / 8) * 32);
  return align(Math.max(h * w, MIN_PIXELS) * c + SLACK);
}

function lifetimesOf(network: Network, views: ReadonlyMap<string, View>): Lifetime[] {
  const lifetimes = new Map<string, Lifetime>();
  const byName = new Map(network.layers.map((layer) => [layer.name, layer]));
  for (const [step, layer] of network.layers.entries()) {
    for (const name of [layer.name, ...layer.inputs]) {
      const { buffer } = views.get(name)!;
      const known = lifetimes.get(buffer);
      if (known) known.last = step;
      else {
        const bytes = bufferBytes(byName.get(buffer)!);
        lifetimes.set(buffer, { buffer, bytes, first: step, last: step });
      }
    }
  }
  return [...lifetimes.values()];
}
