import { describe, expect, it } from 'vitest';
import { AllowList } from './allow-list.ts';
import { checkUrl } from './fetch-image.ts';
import { isPublicAddress } from './public-address.ts';

const anywhere = new AllowList('*');

const refusal = (url: string, allow = anywhere): string => {
  try {
    return `taken: ${checkUrl(url, allow).href}`;
  } catch (error) {
    expect(error).toMatchObject({ code: 'url_refused', hint: expect.any(String) });
    return (error as Error).message;
  }
};

describe('a URL', () => {
  it('is refused if no host is allowed', () => {
    const off = new AllowList(undefined);
    expect(refusal('https://images.example.com/a.jpg', off)).toContain('not fetched from URLs');
    expect(refusal('https://images.example.com/a.jpg', new AllowList(' , '))).toContain(
      'URLs here',
    );
  });

  it('is accepted for allowed hosts only', () => {
    const allow = new AllowList('images.example.com, *.photos.org, Cdn.Example.net:8443');
    for (const url of [
      'https://images.example.com/a.jpg?size=2',
      'https://IMAGES.example.com:443/',
      'https://a.photos.org/',
      'https://a.b.photos.org/',
      'https://cdn.example.net:8443/a',
    ]) {
      expect(refusal(url, allow)).toMatch(/^taken/);
    }
    for (const url of [
      'https://example.com/',
      'https://images.example.com.evil.net/',
      'https://evil-images.example.com/',
      'https://photos.org/',
      'https://evilphotos.org/',
      'https://images.example.com:8443/',
      'https://cdn.example.net/',
    ]) {
      expect(refusal(url, allow)).toContain('not an allowed host');
    }
  });

  it('must use https, have no user name, and be short', () => {
    expect(refusal('http://images.example.com/')).toContain('http:');
    for (const url of [
      'file:///etc/passwd',
      'data:image/png;base64,AAAA',
      'ftp://a.org/',
      '//a.org/',
    ])
      expect(refusal(url)).not.toContain('taken');
    expect(refusal('https://images.example.com@10.0.0.1/')).toContain('user name');
    expect(refusal(`https://images.example.com/${'a'.repeat(2048)}`)).toContain('not a valid URL');
  });

  it.each([
    'https://127.0.0.1/',
    'https://127.1/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://017700000001/',
    'https://0/',
    'https://１２７.0.0.1/', // full-width digits
    'https://127。0。0。1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://10.1.2.3/',
    'https://172.31.255.255/',
    'https://192.168.0.1/',
    'https://100.64.0.1/',
    'https://[::1]/',
    'https://[::]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:a00:1]/',
    'https://[::127.0.0.1]/',
    'https://[64:ff9b::10.0.0.1]/',
    'https://[2002:7f00:1::]/',
    'https://[2001:0:53aa:64c::]/',
    'https://[fe80::1]/',
    'https://[fd00::1]/',
    'https://[fec0::1]/',
    'https://[ff02::1]/',
    'https://localhost/',
    'https://LOCALHOST./',
    'https://a.localhost/',
    'https://printer/',
    'https://printer.local/',
    'https://metadata.google.internal/',
    'https://router.home.arpa/',
  ])('is refused for a private network: %s', (url) => {
    expect(refusal(url)).toContain('not on the public internet');
  });

  it.each(['https://93.184.215.14/', 'https://[2606:4700::1111]/', 'https://172.32.0.1/'])(
    'may be of a public address, where every host is listed: %s',
    (url) => {
      expect(refusal(url)).toMatch(/^taken/);
      expect(refusal(url, new AllowList('*.example.com'))).toContain('not an allowed host');
    },
  );
});

it('knows the first and last addresses of the blocks', () => {
  const isPublic = (address: string) => isPublicAddress(address);
  expect(['9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0'].every(isPublic)).toBe(true);
  expect(
    ['172.15.255.255', '172.32.0.0', '198.17.255.255', '223.255.255.255'].every(isPublic),
  ).toBe(true);
  expect(['100.127.255.255', '198.19.0.1', '224.0.0.1', '255.255.255.255'].some(isPublic)).toBe(
    false,
  );
  expect(['2000::1', '2001:200::1', '2001:4860:4860::8888', '3ffe::1'].every(isPublic)).toBe(true);
  expect(['1fff::1', '2001:1ff::1', '2001:db8::1', '4000::1', '3fff:fff::1'].some(isPublic)).toBe(
    false,
  );
  expect(['', 'example.com', 'fe80::1%eth0', '1.2.3.4.5'].some(isPublic)).toBe(false);
});
