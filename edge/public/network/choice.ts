/**
 * Which network is drawn: the served one at first, with reductions.
 * @module
 */
import type { NetworkSpec } from '../../../shared/model/network/googlenet.ts';
import { VARIANT_TITLES, VARIANTS, type Variant } from '../../../shared/model/network/variant.ts';
import { byId, h } from '../dom.ts';

export interface Choice {
  readonly spec: NetworkSpec;
  /** The same network of naive modules is to be drawn. */
  readonly naive: boolean;
  /** The network is the one that is served. */
  readonly served: boolean;
}

/** What published networks have: ImageNet's classes, 224 pixels. */
const USUAL = { classes: 1000, inputSize: 224 } as const;
const SERVED = 'served';

/**
 * Fills the form with the networks that there are.
 * @param served undefined where nothing is served: then it is the paper's that is drawn first
 * @param changed is called with each choice that is made
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
