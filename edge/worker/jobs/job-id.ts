/**
 * Job ids sort by age, newest first: ten characters count down in ms, sixteen are random (80 bits) and
 * cannot be guessed. So a listing of the bucket is ordered by time.
 * @module
 */

/** Crockford's base32, in the order of its character codes. */
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_DIGITS = 10;
const RANDOM_DIGITS = 16;

/** 2^50 - 1: ten digits of 5 bits, enough ms until the year 37648. */
const LAST_MS = 2 ** (TIME_DIGITS * 5) - 1;

const ID = new RegExp(`^[${DIGITS}]{${TIME_DIGITS + RANDOM_DIGITS}}$`);

export const isJobId = (text: string): boolean => ID.test(text);

/** @param now ms since 1970 */
export function newJobId(now: number): string {
  const random = crypto.getRandomValues(new Uint8Array(RANDOM_DIGITS));
  return timeDigits(now) + Array.from(random, (byte) => DIGITS[byte % 32]).join('');
}

/** When the job was made, ms since 1970. */
export function jobTime(id: string): number {
  let left = 0;
  for (const digit of id.slice(0, TIME_DIGITS)) left = left * 32 + DIGITS.indexOf(digit);
  return LAST_MS - left;
}

/** Sorts after every id of this ms and before every older one. */
export const afterTime = (ms: number): string => `${timeDigits(ms)}~`;

function timeDigits(ms: number): string {
  let left = LAST_MS - ms;
  let digits = '';
  for (let i = 0; i < TIME_DIGITS; i++) {
    digits = DIGITS[left % 32] + digits;
    left = Math.floor(left / 32);
  }
  return digits;
}
