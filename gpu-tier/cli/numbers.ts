/** `6,998,552` */
export const count = (n: number): string => n.toLocaleString('en-US');

/** `128.05` for 128,049,152 with two digits. */
export const millions = (n: number, digits: number): string =>
  (n / 1e6).toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
