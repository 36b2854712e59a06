/**
 * Swagger UI knows dark colours by a class, the pages by an attribute or the system.
 * @module
 */

/** Keeps the class as the page's theme is. */
export function followTheme(root: HTMLElement): void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const apply = (): void => {
    const { theme } = root.dataset;
    root.classList.toggle('dark-mode', theme === undefined ? system.matches : theme === 'dark');
  };
  apply();
  system.addEventListener('change', apply);
  new MutationObserver(apply).observe(root, { attributeFilter: ['data-theme'] });
}
