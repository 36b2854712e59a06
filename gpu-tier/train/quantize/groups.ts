/**
 * Which activations may be rescaled channel by channel.
 * @module
 */
import type { ConvLayer, LinearLayer, Network } from '@hebb/model';

/**
 * A tensor whose channels can be rescaled without changing the network's answer: a ReLU passes positive factors
 * on, so do maxima, averages and concatenation. Convolutions write it and convolutions (or the classifier) read
 * it. LRN mixes the channels, so what it reads and writes is in no group.
 */
export interface ChannelGroup {
  /** The layer that owns the activation scale: a convolution, or the concatenation of a module. */
  readonly name: string;
  readonly channels: number;
  /** Convolutions that write it, in the order of their channels. */
  readonly producers: readonly ConvLayer[];
  readonly consumers: readonly (ConvLayer | LinearLayer)[];
  /** The global average, if it reads the group: it has a scale of its own, and the same factors. */
  readonly average?: string;
}

/** The groups of a network, in the order of its layers. */
export function channelGroups({ layers }: Network): ChannelGroup[] {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const inConcat = new Set(layers.flatMap((l) => (l.kind === 'concat' ? l.inputs : [])));
  const readersOf = (name: string) => layers.filter(({ inputs }) => inputs.includes(name));
  return layers.flatMap((owner) => {
    if (owner.kind !== 'concat' && (owner.kind !== 'conv' || inConcat.has(owner.name))) return [];
    const consumers: (ConvLayer | LinearLayer)[] = [];
    let average: string | undefined;
    const pending = readersOf(owner.name);
    for (let reader = pending.pop(); reader; reader = pending.pop()) {
      if (reader.kind === 'lrn') return [];
      if (reader.kind === 'conv' || reader.kind === 'linear') consumers.push(reader);
      else pending.push(...readersOf(reader.name));
      if (reader.kind === 'globalAveragePool') average = reader.name;
    }
    const names = owner.kind === 'concat' ? owner.inputs : [owner.name];
    const producers = names.map((name) => byName.get(name) as ConvLayer);
    const group = { name: owner.name, channels: owner.shape[2], producers, consumers };
    return [average === undefined ? group : { ...group, average }];
  });
}
