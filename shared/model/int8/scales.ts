import { HebbError } from '../errors.ts';
import type { Network } from '../network/googlenet.ts';
import { isReal, type Layer } from '../network/layer.ts';
import { VARIANTS } from '../network/variant.ts';

/** Real value of one step of the input's u7 pixels: pixels are halved (v >> 1). */
export const INPUT_SCALE = 2;

const NAIVE = 'Naive modules are not quantised.';

/**
 * Throws `unsupported_model` for a network that only compares: int8 packages have neither naive modules nor a
 * fully connected head. Apart from `activationScales`, whose readers are sent to browsers without these hints.
 */
export function checkQuantizable({ spec }: Network): void {
  if (spec.head === 'fullyConnected') {
    throw new HebbError('unsupported_model', 'A fully connected head is not quantised.', {
      hint: 'It only shows what average pooling saves. Train with --head averagePool for the edge.',
    });
  }
  if (VARIANTS[spec.variant].naive) {
    throw new HebbError('unsupported_model', NAIVE, {
      hint: 'They only show what 1×1 reductions save: see hebb describe --variant naive.',
    });
  }
}

/**
 * The activation scale of every layer's output. Some layers share one: a module's branches take the
 * scale of their concatenation, so each writes its slice in place; max-pooling and dropout
 * keep the scale of their input.
 * @param own scale of a layer with its own scale (convolutions outside of concatenations, LRN,
 *   average pooling, concatenations).
 */
export function activationScales(
  network: Network,
  own: (layer: string) => number,
): Map<string, number> {
  const concatOf = new Map(
    network.layers.flatMap((layer) =>
      layer.kind === 'concat' ? layer.inputs.map((input) => [input, layer.name] as const) : [],
    ),
  );
  const scales = new Map<string, number>();
  for (const layer of network.layers) {
    const { kind, name } = layer;
    if (isReal(layer)) continue; // real numbers from here on
    if (kind === 'input') scales.set(name, INPUT_SCALE);
    else if (kind === 'concat') scales.set(name, scales.get(layer.inputs[0]!)!);
    else if (kind === 'maxPool' || kind === 'dropout') {
      if (concatOf.has(name)) {
        throw new HebbError('unsupported_model', NAIVE);
      }
      scales.set(name, scales.get(layer.inputs[0]!)!);
    } else scales.set(name, own(concatOf.get(name) ?? name));
  }
  return scales;
}

/** The layer that owns the scale of what `layer` reads: max-pooling keeps the scale of its input. */
export function scaleOwner({ layers }: Network, layer: Layer): string {
  const before = (reader: Layer) => layers.find(({ name }) => name === reader.inputs[0])!;
  let owner = before(layer);
  while (owner.kind === 'maxPool') owner = before(owner);
  return owner.name;
}
