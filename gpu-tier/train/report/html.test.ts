import { describe, expect, it } from 'vitest';
import { html, name } from './html.ts';

describe('the html template', () => {
  it('escapes text, in elements and in attributes', () => {
    const evil = `<b a="1" c='2'>&amp;`;
    expect(html`<p title="${evil}">${evil}</p>`.text).toBe(
      '<p title="&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;">&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;</p>',
    );
  });

  it('accepts HTML, lists of HTML, numbers and undefined', () => {
    const items = ['a', '<'].map((item) => html`<li>${item}</li>`);
    expect(html`<ul>${items}</ul>${undefined}${1.5}`.text).toBe(
      '<ul><li>a</li><li>&lt;</li></ul>1.5',
    );
  });

  it('replaces characters that HTML forbids', () => {
    expect(html`${'a\u0000b\u001b[31m\ud800c\n'}`.text).toBe('a\ufffdb\ufffd[31m\ufffdc\n');
  });

  it('isolates the text direction of a name', () => {
    expect(name('\u202eabc').text).toBe('<bdi>\u202eabc</bdi>');
  });
});
