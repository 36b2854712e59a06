/**
 * The theme: light, dark, or the system's. Runs before the page is painted, so it imports nothing. The
 * choice is kept for all pages in localStorage.
 * @module
 */
{
  const KEY = 'hebb-theme';
  const THEMES = ['system', 'light', 'dark'];

  const read = (): string => {
    try {
      const kept = localStorage.getItem(KEY) ?? '';
      return THEMES.includes(kept) ? kept : 'system';
    } catch {
      return 'system'; // storage is disabled
    }
  };

  const apply = (theme: string): void => {
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  };

  let theme = read();
  apply(theme);

  addEventListener('DOMContentLoaded', () => {
    const button = document.getElementById('theme');
    const label = button?.querySelector('span');
    if (!button || !label) return;
    const tell = (): void => {
      button.title = `Theme: ${theme === 'system' ? 'as the system' : theme}`;
      label.textContent = button.title;
    };
    tell();
    button.addEventListener('click', () => {
      theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!;
      apply(theme);
      tell();
      try {
        localStorage.setItem(KEY, theme);
      } catch {
        // storage is disabled: the choice lasts for this page
      }
    });
  });
}
