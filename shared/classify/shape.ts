// The shape of a line: its words with every variable blanked, so that one cause gives one shape.
// A pure function over text; versioned, so that a later change never re-opens incidents under new names.

/** Part of the scope of `unrecognised` incidents; raised when the rules below change. */
export const SHAPE_VERSION = '1';

export const SHAPE_CHARS_MAX = 200;

/** Only the beginning of a long line makes its shape; the rest is a dump. */
const READ_CHARS_MAX = 4 * SHAPE_CHARS_MAX;

/** Words with digits that are words all the same: protocols, algorithms, versions of an API. */
const WORDS =
  /^(?:[a-z]+\.)?(?:x509|[ui]pv?[46]|http[123]?s?\d?|h[123]c?|sha\d{1,3}|md5|tlsv\d(?:_\d)?|sslv[23]|oauth2?|base64|utf-?8|[kK]8s|s3|v\d(?:(?:alpha|beta)\d)?|libc6|envoy\d?|re2|iptables|ip6?tables|[a-z]{3,}[46]|2xx|[345]xx)$/i;

/** Names of code: what differs between them is another fault, not another variable. */
const CODE_NAME = /^(?:envoy|type|com|org|java|javax|io|net|google|istio|grpc|goog|github)\.|\.[A-Z]\w*$/;
const FILE_NAME = /\.(?:cc|h|go|py|java|rs|c|cpp|js|ts|so|lua|wasm|ya?ml|json|pb|conf|sh|service|pem)$/;

type Blank = readonly [variable: RegExp, mark: string | ((word: string) => string)];

function dotted(word: string): string {
  const bare = word.replace(/:\d+$/, '');
  const kept = CODE_NAME.test(bare) || FILE_NAME.test(bare) || /[A-Z_]/.test(bare);
  return kept ? word.replace(/:\d+$/, ':<n>') : '<host>';
}

function mixed(word: string): string {
  return WORDS.test(word) ? word : '<id>';
}

const BLANKS: readonly Blank[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<id>'],
  [/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s'",;)\]}<>]+/gi, '<url>'],
  [/[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,}\b/g, '<address>'],
  [/@[0-9a-f]{4,16}\b/g, '@<id>'],
  [/(?<![\w)])'[^']{0,300}'|"[^"]{0,300}"|`[^`]{0,300}`|‘[^’]{0,300}’|“[^”]{0,300}”/g, '<name>'],
  // Dates and times, then addresses of both families, with what may stand before and behind them.
  [/\b\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?/g, '<time>'],
  [/\b(?:[A-Z][a-z]{2} )?[A-Z][a-z]{2} [ \d]?\d \d\d:\d\d:\d\d(?: \d{4})?/g, '<time>'],
  [/\b\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\b(?!:)/g, '<time>'],
  [/(?:\b[\w-]{0,60})?\/?\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?:\/\d{1,2})?\b/g, '<address>'],
  [
    /\[?(?<![\w:])(?=[0-9a-f:]*[0-9a-f])(?:[0-9a-f]{0,4}:){2,8}[0-9a-f]{0,4}(?![\w:])\]?(?::\d+)?/gi,
    '<address>',
  ],
  // What a key has is the variable, even when it has nothing.
  [/(?<![\w.-])([A-Za-z][\w.-]{0,40})=(?:<[a-z]+>|[^\s,;()[\]{}<>]*)/g, '$1=<v>'],
  [/(?<![\w<])~?(?:\/[\w.@+~%:#-]+)+\/?/g, '<path>'],
  [/(?<![\w|])[\w.-]*\|[\w.|-]*/g, '<name>'],
  [/(?<![\w.<-])[A-Za-z0-9][\w-]*(?:\.[\w-]+)*\.[A-Za-z_][\w-]*(?::\d+)?/g, dotted],
  [/(?<![\w.<])v?\d+(?:\.\d+){2,}(?:[-+][\w.]+)?/g, '<version>'],
  [/(?<![\w<.-])[A-Za-z][A-Za-z_-]*\d[\w-]*(?![\w(-])/g, mixed],
  [/(?<![\w.<])[-+]?\d+(?:[.,]\d+)*(?:[eE][-+]?\d+)?(?:%|[kKMGT]i?B?|[munµ]?s|[hmd])?(?![\w<])/g, '<n>'],
  [/(?<![\w<.])\d[\w-]*[A-Za-z][\w-]*/g, '<id>'],
  [/(?<!\w)\d+/g, '<n>'],
  // Lists and pairs of variables count as one: how many there are is a variable too.
  [/(<[a-z]+>)(?:[:/]?<[a-z]+>)+/g, '$1'],
  [/(<(?:id|name|n|address|host|path)>)(?:(?:, ?| and | )\1)+/g, '$1'],
];

/** The line (white space already single blanks) with numbers, ids, addresses, paths, quoted names and versions blanked. */
export function shapeOf(text: string): string {
  let shape = text.slice(0, READ_CHARS_MAX);
  for (const [variable, mark] of BLANKS)
    shape = typeof mark === 'string' ? shape.replace(variable, mark) : shape.replace(variable, mark);
  return shape.replaceAll(/\s+/g, ' ').trim().slice(0, SHAPE_CHARS_MAX).trim();
}
