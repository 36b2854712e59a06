/**
 * The choice of the network to draw: at first the served one, with reductions.
 * @module
 */
import type { NetworkSpec } from '@hebb/model/network/googlenet';
import { VARIANT_TITLES, VARIANTS, type Variant } from '@hebb/model/network/variant';
import { byId, h } from '../dom.ts';

export interface Choice {
  readonly spec: NetworkSpec;
  /** Whether to draw it with naive modules instead. */
  readonly naive: boolean;
  /** Whether it is the served network. */
  readonly served: boolean;
}

/** Classes and input size of published networks: ImageNet's, 224 pixels. */
const USUAL = { classes: 1000, inputSize: 224 } as const;
const SERVED = 'served';

/**
 * Fills the form with the networks.
 * @param served undefined if no model is served; then the paper's network comes first
 * @param changed called with each later choice
 * @returns the first choice
 */
export function networkChoice(
  served: NetworkSpec | undefined,
  changed: (choice: Choice) => void,
): Choice {
  const select = byId<HTMLSelectElement>('variant');
  const modules = byId<HTMLFieldSetElement>('modules');
  const others = (Object.keys(VARIANTS) as Variant[]).filter((name) => !VARIANTS[name].naive);
  const options = others.map((name) => h('option', { value: name }, optionText(name)));
  if (served) {
    const text = `served here: ${served.variant}, ${served.classes} classes`;
    options.unshift(h('option', { value: SERVED }, text));
  }
  select.replaceChildren(...options);
  const choice = (): Choice => {
    const isServed = served !== undefined && select.value === SERVED;
    const naive = modules.querySelector<HTMLInputElement>('[value="naive"]')!.checked;
    const spec = isServed ? served : { variant: select.value as Variant, ...USUAL };
    return { spec, naive, served: isServed };
  };
  for (const field of [select, modules]) field.addEventListener('change', () => changed(choice()));
  return choice();
}

const optionText = (name: Variant): string =>
  `${name}: ${VARIANT_TITLES[name].replace(/^./, (first) => first.toUpperCase())}`;
