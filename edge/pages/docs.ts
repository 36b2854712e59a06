/**
 * The page `/docs`: the API's description, to read and to try out against the Worker that serves it.
 * @module
 */
import startSwaggerUi from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import { byId } from './dom.ts';
import { keptKey } from './key.ts';

const api = byId('api');
followTheme(document.documentElement);
labelFields(api);

const ui = startSwaggerUi({
  url: '/openapi.json',
  domNode: api,
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: true,
  syntaxHighlight: { activated: false }, // its red numbers have too little contrast
  validatorUrl: null, // send nothing to another server
  onComplete: () => {
    const key = keptKey();
    if (key !== undefined) ui.preauthorizeApiKey('key', key);
  },
});

/** Swagger UI takes dark colours from a class, the pages from an attribute or the system: sets the class. */
function followTheme(root: HTMLElement): void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const apply = (): void => {
    const { theme } = root.dataset;
    root.classList.toggle('dark-mode', theme === undefined ? system.matches : theme === 'dark');
  };
  apply();
  system.addEventListener('change', apply);
  new MutationObserver(apply).observe(root, { attributeFilter: ['data-theme'] });
}

/** Gives screen readers names for Swagger UI's fields, which have none, as they appear below `root`. */
function labelFields(root: HTMLElement): void {
  const label = (): void => {
    for (const field of root.querySelectorAll('select, input, textarea')) {
      const named = field.closest('label') ?? field.getAttribute('aria-label');
      if (!named) field.setAttribute('aria-label', nameOf(field));
    }
  };
  new MutationObserver(label).observe(root, { childList: true, subtree: true });
}

/** A field's name, from the element around it. */
function nameOf(field: Element): string {
  const parameter = field.closest('[data-param-name]')?.getAttribute('data-param-name');
  if (parameter) return parameter;
  if (field.matches('.examples-select-element')) return 'Example';
  const property = field.closest('tr')?.querySelector('.parameter__name')?.textContent;
  return property?.trim() ?? 'Request body';
}
