/** Saves text as a file of the user's. */
export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has its own hold on the content by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
