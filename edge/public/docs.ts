/**
 * The page /docs: the API's description, to read and to try on the Worker that gave it.
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
  syntaxHighlight: { activated: false }, // its red numbers are hard to read
  validatorUrl: null, // nothing goes to another server
  onComplete: () => {
    const key = keptKey();
    if (key !== undefined) ui.preauthorizeApiKey('key', key);
  },
});

/** Keeps the class as the page's theme is. */
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

/** What a field is for, by where it stands. */
function nameOf(field: Element): string {
  const parameter = field.closest('[data-param-name]')?.getAttribute('data-param-name');
  if (parameter) return parameter;
  if (field.matches('.examples-select-element')) return 'Example';
  const property = field.closest('tr')?.querySelector('.parameter__name')?.textContent;
  return property?.trim() ?? 'Request body';
}

/** Names fields as they appear below `root`. */
function labelFields(root: HTMLElement): void {
  const label = (): void => {
    for (const field of root.querySelectorAll('select, input, textarea')) {
      const named = field.closest('label') ?? field.getAttribute('aria-label');
      if (!named) field.setAttribute('aria-label', nameOf(field));
    }
  };
  new MutationObserver(label).observe(root, { childList: true, subtree: true });
}
