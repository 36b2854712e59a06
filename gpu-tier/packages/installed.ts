import { fileURLToPath } from 'node:url';

/** True in a checkout, where there is `npm start` too; the published package is JavaScript. */
export const IN_CHECKOUT: boolean = import.meta.url.endsWith('.ts');

/**
 * The folder that holds wrangler.toml and `.wrangler/state`: the checkout, whatever the working directory is;
 * for the published package, which brings neither, the working directory.
 */
export const projectFolder = (): string =>
  IN_CHECKOUT ? fileURLToPath(new URL('../../', import.meta.url)) : process.cwd();
