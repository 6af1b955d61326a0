// Text in, the same text without e-mail addresses and without the user part of URLs out.
// Driven by `@` and bounded in both directions, so that no text costs more than a constant for each `@`.

const LOCAL_CHARS_MAX = 64;
const DOMAIN_CHARS_MAX = 255;
const USERINFO_CHARS_MAX = 1_024;
const DOMAIN = /(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9-])/y;
const AUTHORITY = /^[^\s/?#"'<>]+/;
/** Accounts of programs: remedies name them, and they belong to nobody. */
const SERVICE_ACCOUNT = '.gserviceaccount.com';

function isLocal(code: number): boolean {
  const letter = code | 32;
  if ((letter >= 97 && letter <= 122) || (code >= 48 && code <= 57)) return true;
  return code === 45 || code === 46 || code === 95 || code === 43 || code === 37;
}

/** Offset of the user part of a URL that ends at `at`, or -1. */
function userInfoStart(text: string, floor: number, at: number): number {
  const low = Math.max(floor, at - USERINFO_CHARS_MAX);
  for (let index = at - 1; index >= low; index--) {
    const code = text.charCodeAt(index);
    if (code <= 32 || code === 34 || code === 39 || code === 60 || code === 62 || code === 64) return -1;
    if (code === 47) {
      return text.charCodeAt(index - 1) === 47 && text.charCodeAt(index - 2) === 58 ? index + 1 : -1;
    }
  }
  return -1;
}

/** The last `@` of the host part that `at` stands in: a password may hold one too. */
function lastAt(text: string, at: number): number {
  const authority = AUTHORITY.exec(text.slice(at, at + USERINFO_CHARS_MAX))?.[0] ?? '@';
  return at + authority.lastIndexOf('@');
}

/** Offset behind the domain of the address whose `@` stands at `at`, or -1 if it is no e-mail address. */
function domainEnd(text: string, at: number): number {
  DOMAIN.lastIndex = at + 1;
  const domain = DOMAIN.exec(text.slice(0, at + 1 + DOMAIN_CHARS_MAX));
  if (domain === null || domain[0].endsWith(SERVICE_ACCOUNT)) return -1;
  return at + 1 + domain[0].length;
}

/** Replaces e-mail addresses and the `user:password` of URLs by markers. */
export function redactAddresses(text: string): string {
  let clean = '';
  let done = 0;
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', Math.max(at + 1, done))) {
    const user = userInfoStart(text, done, at);
    if (user >= 0 && user < at) {
      clean += `${text.slice(done, user)}[redacted: url credentials]`;
      done = lastAt(text, at);
      continue;
    }
    let local = at;
    while (local > done && at - local < LOCAL_CHARS_MAX && isLocal(text.charCodeAt(local - 1))) local--;
    const end = local < at ? domainEnd(text, at) : -1;
    if (end < 0) continue;
    clean += `${text.slice(done, local)}[redacted: e-mail address]`;
    done = end;
  }
  return clean + text.slice(done);
}
