/**
 * Generated parts of hand-written pages, between `<!-- NAME: … -->` and `<!-- end of NAME -->`.
 * @module
 */

/** The page with the block's content replaced. Throws when the page has no such block. */
export function fillBlock(page: string, name: string, content: string): string {
  const block = new RegExp(`(<!-- ${name}: [^>]*-->\n)[^]*?(<!-- end of ${name} -->)`);
  if (!block.test(page)) throw new Error(`The page has no block "${name}".`);
  return page.replace(block, (_, begin: string, end: string) => `${begin}\n${content}\n\n${end}`);
}
