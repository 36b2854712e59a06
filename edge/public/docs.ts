/**
 * The page /docs: the API's description, to read and to try on the Worker that gave it.
 * @module
 */
import startSwaggerUi from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import { labelFields } from './docs/labels.ts';
import { followTheme } from './docs/theme.ts';
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
