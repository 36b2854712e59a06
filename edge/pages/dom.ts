/**
 * Short functions to make and find elements.
 * @module
 */

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;
type Child = Node | string | undefined;

/**
 * Makes `<tag …attributes>children</tag>`. A string in place of the attributes is the class. `true` makes
 * an attribute without a value; `false` and `undefined` make none.
 *
 *     h('p', 'muted', 'Asking ', h('strong', '', 'the edge'), ' …')
 */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes | string = '',
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  const given = typeof attributes === 'string' ? { class: attributes || false } : attributes;
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** A button that calls `action` when it is pressed. */
export function button(label: string, action: () => void, attributes: Attributes = {}) {
  const element = h('button', { type: 'button', class: 'button small', ...attributes }, label);
  element.addEventListener('click', action);
  return element;
}

/** The page's element with this id. @typeParam Kind its class, as in the HTML. @throws if there is none */
export function byId<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no #${id}.`);
  return element as Kind;
}
