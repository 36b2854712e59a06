/** `92.4 %` of 0.924, with a no-break space. */
export const percent = (share: number, digits = 1): string =>
  `${(100 * share).toFixed(digits)}\u00a0%`;

/** As `percent`; `–` for undefined. */
export const percentOrDash = (share: number | undefined): string =>
  share === undefined ? '–' : percent(share);

/** `2,931` */
export const count = (n: number): string => n.toLocaleString('en-US');

/** `1 image`, `2 images` */
export const counted = (n: number, one: string, many = `${one}s`): string =>
  `${count(n)} ${n === 1 ? one : many}`;

/** Three significant digits: `0.0123`, `12.3`. */
export const short = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(3))) : String(value);
