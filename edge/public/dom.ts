/**
 * Elements made and found in a line each.
 * @module
 */

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;
type Child = Node | string | undefined;

/**
 * `<tag …attributes>children</tag>`; text in the place of attributes is the class, `true` an attribute
 * without a value, `false` none.
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

/** A button that does something. */
export function button(label: string, action: () => void, attributes: Attributes = {}) {
  const element = h('button', { type: 'button', class: 'button small', ...attributes }, label);
  element.addEventListener('click', action);
  return element;
}

/** The element of the page with this id; index.html has it as that very kind. */
export function byId<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no #${id}.`);
  return element as Kind;
}
