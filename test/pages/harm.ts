// What a page must never hold, whatever a log wrote: an expression for the browser. Out: a list in words, empty where all is well.

/** Run in the page: everything that could do harm. Hostile texts that run set `window.hurt`. */
export const HARM = `[
  ...(window.hurt === undefined ? [] : ['a script ran']),
  ...[...document.querySelectorAll('*')].flatMap((element) => element.getAttributeNames()
    .filter((name) => /^on|^style$|^srcdoc$/.test(name)).map((name) => element.localName + ' ' + name)),
  ...[...document.querySelectorAll('script, style, iframe, object, embed, img, base, meta[http-equiv], foreignObject')]
    .filter((element) => !/\\/script\\.js\\?v=[0-9a-f]{16}$/.test(element.src ?? '')).map(({ localName }) => localName),
  ...[...document.querySelectorAll('[href], [src], [action]')]
    .map((element) => element.getAttribute('href') ?? element.getAttribute('src') ?? element.getAttribute('action'))
    .filter((href) => !/^(?:(?:\\.\\.?\\/)+[!-~]*|#[\\w-]+|data:,|https:\\/\\/(?:slack\\.com|[a-z]+\\.cloud\\.google\\.com|cloud\\.google\\.com)\\/[!-~]*)$/.test(href)),
  ...(/[\\u0000-\\u0008\\u000b-\\u001f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f]/.test(document.documentElement.outerHTML) ? ['invisible characters'] : []),
  ...(document.documentElement.scrollWidth > innerWidth ? ['wider than the screen by ' + (document.documentElement.scrollWidth - innerWidth)] : []),
]`;
