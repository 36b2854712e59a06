import { accessMode, passedOn } from '@hebb/local/access';
import { expect, it } from 'vitest';

it('npm start opens the Worker without keys on loopback addresses only', () => {
  for (const host of ['127.0.0.1', '127.0.0.2', 'localhost', '::1'])
    expect(accessMode(host, {})).toBe('loopback');
  for (const host of ['0.0.0.0', '::', '192.168.1.20', '10.0.0.1', 'example.com', ''])
    expect(accessMode(host, {})).toBe('keys');
});

it('npm start accepts another mode from the environment, but none that opens it to a network', () => {
  expect(accessMode('127.0.0.1', { HEBB_ACCESS: 'keys' })).toBe('keys');
  expect(accessMode('0.0.0.0', { HEBB_ACCESS: 'public' })).toBe('public');
  expect(() => accessMode('0.0.0.0', { HEBB_ACCESS: 'loopback' })).toThrow(
    'not a loopback address',
  );
});

it('npm start passes on the settings of the Worker, and nothing else of the environment', () => {
  const env = { HEBB_URL_ALLOW: '*.example.com', HEBB_CORS_ORIGINS: undefined, SECRET: 'x' };
  expect(passedOn(env)).toEqual({ HEBB_URL_ALLOW: '*.example.com' });
});
