/** True in a checkout, where there is `npm start` too; the published package is JavaScript. */
export const IN_CHECKOUT: boolean = import.meta.url.endsWith('.ts');
