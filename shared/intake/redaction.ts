// Any text in, the same text without secrets and addresses of people out; each is replaced by a marker that names it.
// Takes linear time on hostile input and changes nothing when applied again. Service accounts stay: they are no people.
import { redactAddresses } from './redact-addresses.ts';
import { redactKeyedValues } from './redact-keyed-values.ts';
import { redactPem } from './redact-pem.ts';
import { SUSPICION, suspicionsOf } from './suspicion.ts';

/** Headers that carry credentials, as `Name: value`, `name=value`, or `'name', 'value'` of Envoy's debug dumps. */
const AUTHORIZATION =
  /\b(authorization\\*["']? {0,4}[:=,]\s{0,4}\\*["']?)(?!\[redacted)((?:bearer|basic|negotiate|apikey|token)\s{1,4}[^\s"'\\,;]+|(?:digest|aws4-hmac-sha256)[^\r\n"']*|[^\s"'\\,;]+)/gi;
const COOKIE = /\b(cookie\\*["']? {0,4}[:=,]\s{0,4}\\*["']?)(?!\[redacted)[^\s"'\\][^\r\n"'\\]*/gi;
const BEARER =
  /\b(bearer\s{1,4})(?!(?:tokens?|auth\w{0,20}|schemes?|realm|error|credentials?|is|was|not|and|or|in|for|from|with|to|the|of)\b)[\w.~+/=-]{4,}/gi;

/** Secrets that can be told by their own shape, wherever they stand; cut-off ones count from a few characters on. */
const SHAPES: readonly (readonly [needle: string, shape: RegExp, marker: string])[] = [
  ['eyJ', /\beyJ[\w+/=-]{8,}(?:\.[\w+/=-]*){0,4}/g, '[redacted: jwt]'],
  ['AIza', /AIza[\w-]{16,}/g, '[redacted: google api key]'],
  ['ya29.', /\bya29\.[\w.~+/=-]{6,}/g, '[redacted: oauth token]'],
  ['1//0', /\b1\/\/0[\w-]{16,}/g, '[redacted: oauth refresh token]'],
  ['GOCSPX-', /\bGOCSPX-[\w-]{8,}/g, '[redacted: oauth client secret]'],
  ['xox', /\bxox[a-z](?:\.xox[a-z])?-[\w-]{6,}/g, '[redacted: slack token]'],
  ['xapp-', /\bxapp-[\w-]{6,}/g, '[redacted: slack token]'],
  ['KIA', /\bAKIA[A-Z0-9]{8,}/g, '[redacted: aws key]'],
  ['SIA', /\bASIA[A-Z0-9]{8,}/g, '[redacted: aws key]'],
];

/** Applies what `suspicions` (of the whole text) call for. */
export function redactSuspected(text: string, suspicions: number): string {
  let clean = text;
  if ((suspicions & (SUSPICION.pem | SUSPICION.unbroken)) !== 0) clean = redactPem(clean);
  if ((suspicions & SUSPICION.header) !== 0) {
    clean = clean
      .replace(AUTHORIZATION, '$1[redacted: authorization]')
      .replace(COOKIE, '$1[redacted: cookie]')
      .replace(BEARER, '$1[redacted: bearer token]');
  }
  if ((suspicions & SUSPICION.keyed) !== 0) clean = redactKeyedValues(clean);
  if ((suspicions & SUSPICION.token) !== 0) {
    for (const [needle, shape, marker] of SHAPES) {
      if (clean.includes(needle)) clean = clean.replace(shape, marker);
    }
  }
  return (suspicions & SUSPICION.at) === 0 ? clean : redactAddresses(clean);
}

/** The text without secrets and e-mail addresses. */
export function redact(text: string): string {
  return redactSuspected(text, suspicionsOf(text, 0, text.length));
}
