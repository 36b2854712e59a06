/**
 * Names for the fields of Swagger UI, which gives them none: screen readers say what is to be entered.
 * @module
 */

/** What a field is for, by where it stands. */
function nameOf(field: Element): string {
  const parameter = field.closest('[data-param-name]')?.getAttribute('data-param-name');
  if (parameter) return parameter;
  if (field.matches('.examples-select-element')) return 'Example';
  const property = field.closest('tr')?.querySelector('.parameter__name')?.textContent;
  return property?.trim() ?? 'Request body';
}

/** Names fields as they appear below `root`. */
export function labelFields(root: HTMLElement): void {
  const label = (): void => {
    for (const field of root.querySelectorAll('select, input, textarea')) {
      const named = field.closest('label') ?? field.getAttribute('aria-label');
      if (!named) field.setAttribute('aria-label', nameOf(field));
    }
  };
  new MutationObserver(label).observe(root, { childList: true, subtree: true });
}
