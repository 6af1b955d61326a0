// The template: whatever is put in comes out as text; what could never be escaped is refused before it is sent.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anchorHref, outsideHref, pageHref, slackHref } from '#shared/pages/href.ts';
import { attributes, html, htmlText, type Html, type Value } from '#shared/pages/html.ts';

const shown = (value: Html): string => htmlText(value);

/** By another name the formatter leaves the templates as they are. */
const template = html;

describe('a value in text', () => {
  test('is escaped, once', () => {
    expect(shown(html`<p>${`<b title="x" id='y'>&amp;`}</p>`)).toBe(
      '<p>&lt;b title=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;</p>',
    );
  });
  test('that is finished Html passes as it is, alone and in lists', () => {
    const items = ['a<', 'b'].map((text) => template`<li>${text}</li>`);
    expect(shown(template`<ul>${items}</ul>${template`<hr>`}`)).toBe('<ul><li>a&lt;</li><li>b</li></ul><hr>');
  });
  test('that is nothing shows nothing; a number shows as it is', () => {
    expect(shown(html`<p>${undefined}${0}</p>`)).toBe('<p>0</p>');
  });
  test('that only looks like finished Html is no Html', () => {
    const forged: Value = JSON.parse('{"kind":"html","text":"<script>"}');
    expect(() => html`<p>${forged}</p>`).toThrow(TypeError);
  });
  test('shows a mark in the place of what can’t be seen, and keeps line breaks', () => {
    expect(shown(html`<p>${'a\u202Eb\u200Bc\u0000d\u2028e\u00ADf\uFEFF\n\tg\uD800'}</p>`)).toBe(
      '<p>a�b�c�d�e�f�\n\tg�</p>',
    );
  });
});

test('any text, in text or in an attribute, adds no markup and loses no visible character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const out = shown(html`<p title="${text}">${text}</p>`);
      const [, inside = '', between = ''] = /^<p title="([^"]*)">([^<]*)<\/p>$/s.exec(out) ?? [
        '',
        'no',
        'match',
      ];
      expect(inside).toBe(between);
      expect(inside).not.toMatch(/[<>"']/);
      const back = inside
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&quot;', '"')
        .replaceAll('&#39;', "'")
        .replaceAll('&amp;', '&');
      const visible = text.toWellFormed().replaceAll(/[^\n\t\P{Cc}]|[\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD');
      expect(back).toBe(visible);
    }),
  );
});

describe('a template is refused', () => {
  const href = pageHref('./', []);
  test.for<readonly [string, () => Html]>([
    ['with a value in an unquoted attribute', () => template`<p title=${'x'}></p>`],
    ['with a value in single quotes', () => template`<p title='${'x'}'></p>`],
    ['with a value as the name of a tag', () => template`<${'p'}></p>`],
    ['with a value that lengthens the name of a tag', () => template`<p${'x'}></p>`],
    ['with a value that lengthens the name of an attribute', () => template`<p a${'x'}="y"></p>`],
    ['with text among the attributes', () => template`<p ${'onclick=alert(1)'}></p>`],
    ['with a value in a script', () => template`<script>${'x'}</script>`],
    ['with a value in a style', () => template`<style>${'x'}</style>`],
    ['with a value in a handler', () => template`<p onclick="${'x'}"></p>`],
    ['with a handler of its own', () => template`<p onclick="go()">${'x'}</p>`],
    ['with a handler in other letters', () => template`<p OnClick="go()">${'x'}</p>`],
    ['with a style of its own', () => template`<p style="color:red">${'x'}</p>`],
    ['with text as an address', () => template`<a href="${'https://example.com/'}">x</a>`],
    ['with text as an address in other letters', () => template`<a HREF="${'https://example.com/'}">x</a>`],
    ['with text as the address of a script', () => template`<script src="${'x'}"></script>`],
    ['with a part of an address', () => template`<a href="x${href}">x</a>`],
    ['with an address as text', () => template`<p>${href}</p>`],
    ['with an address in another attribute', () => template`<p title="${href}">x</p>`],
    ['with Html in an attribute', () => template`<p title="${template`<b></b>`}">x</p>`],
    ['with a comment around a value', () => template`<!-- ${'x'} -->`],
    ['that ends inside a tag', () => template`<p title="x"`],
    ['that ends inside an attribute', () => template`<p title="${'x'}`],
  ])('%s', ([, make]) => {
    expect(make).toThrow(expect.objectContaining({ name: 'TemplateFault' }));
  });
});

describe('attributes()', () => {
  test('leaves out what is false, escapes what is not', () => {
    const given = attributes({
      selected: true,
      disabled: false,
      lang: undefined,
      'aria-label': '"><img>',
      x: 1,
    });
    expect(shown(html`<p ${given}></p>`)).toBe('<p  selected aria-label="&quot;&gt;&lt;img&gt;" x="1"></p>');
  });
  test.for(['onclick', 'style', 'href', 'src', 'srcdoc', 'formaction', 'a b', 'a=b', 'A', ''])(
    'refuses «%s»',
    (name) => {
      expect(() => attributes({ [name]: 'x' })).toThrow(expect.objectContaining({ name: 'TemplateFault' }));
    },
  );
});

describe('addresses', () => {
  const link = (href: ReturnType<typeof outsideHref>): string =>
    href === undefined ? 'no link' : shown(html`<a href="${href}"></a>`);
  test('of pages hold every value encoded', () => {
    expect(
      link(pageHref('../', ['incidents', '../"x'], { text: 'a&b=<c>', state: '', cursor: undefined })),
    ).toBe('<a href="../incidents/..%2F%22x?text=a%26b%3D%3Cc%3E"></a>');
    expect(link(anchorHref('a"b'))).toBe('<a href="#a%22b"></a>');
  });
  test.for([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    ' https://example.com/',
    'https://example.com/\u202E',
    'https://example.com/ x',
    'https://user:word@example.com/',
    'https://localhost/',
    'http://example.com/',
    '//example.com/',
    'data:text/html,x',
    `https://example.com/${'x'.repeat(8_000)}`,
    '',
  ])('outside: «%s» is no link', (address) => {
    expect(link(outsideHref(address))).toBe('no link');
  });
  test('outside: https is one', () => {
    expect(link(outsideHref('https://console.cloud.google.com/logs/query;query=a%20b?project=x'))).toBe(
      '<a href="https://console.cloud.google.com/logs/query;query=a%20b?project=x"></a>',
    );
  });
  test('of a message in Slack need a channel and a time of Slack’s form', () => {
    expect(link(slackHref({ channel: 'C0INCIDENTS', ts: '1795316400.004200' }))).toBe(
      '<a href="https://slack.com/archives/C0INCIDENTS/p1795316400004200"></a>',
    );
    expect(link(slackHref({ channel: 'C0/../x', ts: '1795316400.004200' }))).toBe('no link');
    expect(link(slackHref({ channel: 'C0INCIDENTS', ts: '1"x' }))).toBe('no link');
  });
});

test('nobody but the template and the addresses makes markup out of text', () => {
  const folder = join(import.meta.dirname, '../../shared/pages');
  const makers = readdirSync(folder)
    .filter(
      (file) =>
        file.endsWith('.ts') && /^import [^;]*\bmarked\b/m.test(readFileSync(join(folder, file), 'utf8')),
    )
    .sort();
  expect(makers).toEqual(['href.ts', 'html.ts']);
});
