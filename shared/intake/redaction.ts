// Any text in, the same text without secrets and addresses of people out; each is replaced by a marker that names it.
// Takes linear time on hostile input and changes nothing when applied again. Service accounts stay: they are no people.
import { redactAddresses } from './redact-addresses.ts';
import { redactKeyedValues } from './redact-keyed-values.ts';
import { redactPem } from './redact-pem.ts';
import { SUSPICION, suspicionsOf } from './suspicion.ts';

/** A token behind its scheme's name; the words that follow that name in prose are no tokens. */
const BEARER =
  /(bearer\s{1,4})(?!(?:tokens?|auth\w{0,20}|schemes?|realm|error|credentials?|is|was|not|and|or|in|for|from|with|to|the|of)\b)[\w.~+/=-]{4,}/gi;

/** Secrets told by their own shape, whatever stands before them; cut-off ones count from a few characters on. */
const SHAPES: readonly (readonly [needle: string, shape: RegExp, marker: string])[] = [
  ['eyJ', /eyJ[\w+/=-]{8,}(?:\.[\w+/=-]*){0,4}/g, '[redacted: jwt]'],
  ['AIza', /AIza[\w-]{16,}/g, '[redacted: google api key]'],
  ['ya29.', /ya29\.[\w.~+/=-]{6,}/g, '[redacted: oauth token]'],
  ['1//0', /1\/\/0[\w-]{16,}/g, '[redacted: oauth refresh token]'],
  ['GOCSPX-', /GOCSPX-[\w-]{8,}/g, '[redacted: oauth client secret]'],
  ['xox', /xox[a-z](?:\.xox[a-z])?-[\w-]{6,}/g, '[redacted: slack token]'],
  ['xapp-', /xapp-[\w-]{6,}/g, '[redacted: slack token]'],
  ['KIA', /AKIA[A-Z0-9]{8,}/g, '[redacted: aws key]'],
  ['SIA', /ASIA[A-Z0-9]{8,}/g, '[redacted: aws key]'],
];

/** Applies what `suspicions` (of the whole text) call for. */
export function redactSuspected(text: string, suspicions: number): string {
  let clean = text;
  if ((suspicions & (SUSPICION.pem | SUSPICION.unbroken)) !== 0) clean = redactPem(clean);
  if ((suspicions & (SUSPICION.keyed | SUSPICION.header)) !== 0) clean = redactKeyedValues(clean);
  if ((suspicions & SUSPICION.header) !== 0) clean = clean.replace(BEARER, '$1[redacted: bearer token]');
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
