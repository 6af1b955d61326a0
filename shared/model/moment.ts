// A point in time as people and programs write it, in; Unix milliseconds out.
// It never guesses: what is no unmistakable time is undefined.

const MS_PER_SECOND = 1_000;
const MS_PER_MINUTE = 60_000;
const MS_PER_DAY = 86_400_000;
const COLON = 58;
/** Plain numbers count as a time only between 2001-01-01 and 2100-01-01. */
export const EARLIEST_MS = 978_307_200_000;
export const LATEST_MS = 4_102_444_800_000;
const MOMENT_CHARS_MAX = 64;
const DATE_AND_TIME_CHARS = 19;

const ZONE = /^ ?(?:Z|UTC|GMT|([+-])(\d\d):?(\d\d)(?: (?:UTC|GMT|[+-]\d{4}))?)?(?: m=[+-][\d.]+)?$/;
const NUMBER = /^\d{9,13}(?:\.\d{1,9})?$/;
const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** So negative that no sum with other parts of a date turns positive again. */
const NO_DIGITS = -1_000_000;

/** Value of the two digits at `at`; NO_DIGITS when one of them is no digit. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NO_DIGITS;
}

/** Days from 1970-01-01 to a date of the Gregorian calendar, counted in eras of 400 years from March on. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * 146_097 + yearOfEra * 365 + leapDays + dayOfYear - 719_468;
}

function epoch(text: string): number | undefined {
  if (!NUMBER.test(text)) return undefined;
  const value = Number(text);
  const timeMs = value < EARLIEST_MS ? value * MS_PER_SECOND : value;
  return timeMs >= EARLIEST_MS && timeMs < LATEST_MS ? Math.floor(timeMs) : undefined;
}

/** `YYYY-MM-DD?HH:MM:` of the last time that was read, and what it comes to: entries follow each other closely. */
let lastMinute = { text: '-', ms: 0 };
const MINUTE_CHARS = 17;

/** Unix milliseconds of `YYYY-MM-DD?HH:MM:`, read as UTC; undefined when a part is out of range. */
function dateAndMinute(text: string): number | undefined {
  if (text.startsWith(lastMinute.text)) return lastMinute.ms;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  if (year < 1000 || year + month + day + hour + minute < 0) return undefined;
  if (text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON) return undefined;
  const days = DAYS_IN_MONTH[month - 1];
  if (days === undefined || day < 1 || day > days || hour > 23 || minute > 59) return undefined;
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (month === 2 && day === 29 && !isLeapYear) return undefined;
  const ms = daysSinceEpoch(year, month, day) * MS_PER_DAY + (hour * 60 + minute) * MS_PER_MINUTE;
  lastMinute = { text: text.slice(0, MINUTE_CHARS), ms };
  return ms;
}

/** Unix milliseconds of `YYYY-MM-DD?HH:MM:SS`, read as UTC; undefined when a part is out of range. */
function dateAndTime(text: string): number | undefined {
  const second = twoDigits(text, MINUTE_CHARS);
  if (second < 0 || second > 60) return undefined;
  const minuteMs = dateAndMinute(text);
  return minuteMs === undefined ? undefined : minuteMs + second * MS_PER_SECOND;
}

/** Offset of a zone from UTC in milliseconds; undefined when `zone` names none that is known. */
function zoneOffset(zone: string): number | undefined {
  if (zone === 'Z' || zone === '') return 0;
  const match = ZONE.exec(zone);
  if (match === null) return undefined;
  const [, sign, hours, minutes] = match;
  if (sign === undefined) return 0;
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  const offset = (Number(hours) * 60 + Number(minutes)) * MS_PER_MINUTE;
  return sign === '-' ? -offset : offset;
}

/**
 * Unix milliseconds (whole, rounded down) of RFC 3339, of `YYYY-MM-DD HH:MM:SS[.f] [zone|UTC]` (UTC without a zone), of
 * Go's `… +0000 UTC m=+0.1`, or of an epoch in seconds or milliseconds. Everything else is undefined; never throws.
 */
export function parseMoment(text: string): number | undefined {
  const chars = text.length;
  if (chars > MOMENT_CHARS_MAX) return undefined;
  const separator = text.charCodeAt(10);
  const isDate = text.charCodeAt(4) === 45 && text.charCodeAt(7) === 45;
  if (!isDate || (separator !== 84 && separator !== 32 && separator !== 116)) {
    const trimmed = text.trim();
    return trimmed === text ? epoch(text) : parseMoment(trimmed);
  }
  const base = dateAndTime(text);
  if (base === undefined) return undefined;
  let at = DATE_AND_TIME_CHARS;
  let fractionMs = 0;
  const point = text.charCodeAt(at);
  if (point === 46 || point === 44) {
    let scale = 100;
    for (at += 1; at < chars; at++) {
      const digit = text.charCodeAt(at) - 48;
      if (digit < 0 || digit > 9) break;
      fractionMs += digit * scale;
      // Whole milliseconds: digits behind the third count for nothing.
      scale = scale === 100 ? 10 : scale === 10 ? 1 : 0;
    }
    if (at === DATE_AND_TIME_CHARS + 1) return undefined;
  }
  if (at === chars - 1 && text.charCodeAt(at) === 90) return base + fractionMs;
  const offset = zoneOffset(text.slice(at).trimEnd());
  return offset === undefined ? undefined : base + fractionMs - offset;
}
