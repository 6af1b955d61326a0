// One line of raw text (a log file, a terminal's output) in, a record out: as if it had come in a LogEntry without fields.
// Its time is the one in its own prefix; lines without one get the time that comes in.
import { hash64 } from '../model/hash.ts';
import { EARLIEST_MS, LATEST_MS, parseMoment } from '../model/moment.ts';
import type { Intake } from '../model/record.ts';
import { accessText } from './access-log.ts';
import { ownTime, type EntryTime } from './entry-time.ts';
import { attributesOfText, hasAttributes } from './guest-attributes.ts';
import { ENTRY_CHARS_MAX, type IntakeContext } from './log-entry.ts';
import { normaliseLine } from './normalise.ts';
import { payloadOfText } from './payload.ts';
import { UNKNOWN_PROXY } from './proxy.ts';
import { unreadable } from './unreadable.ts';

export interface LineContext extends IntakeContext {
  /** What makes the line unique among all lines, such as file name and line number. */
  readonly identity: string;
}

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const SYSLOG_TIME = /^([A-Z][a-z]{2}) ([ \d]\d) (\d\d:\d\d:\d\d)$/;
const GO_DATE = /^(\d{4})\/(\d\d)\/(\d\d) /;
const MS_PER_DAY = 86_400_000;

/** Syslog leaves out the year: the latest one that does not put the line more than a day ahead of `publishTimeMs`. */
function syslogTime(time: string, publishTimeMs: number): number | undefined {
  const match = SYSLOG_TIME.exec(time);
  const month = match === null ? -1 : MONTHS.indexOf(match[1] ?? '');
  if (match === null || month < 0 || Number.isNaN(new Date(publishTimeMs).getTime())) return undefined;
  const day = (match[2] ?? '').replace(' ', '0');
  const year = new Date(publishTimeMs + MS_PER_DAY).getUTCFullYear();
  const rest = `-${String(month / 3 + 1).padStart(2, '0')}-${day}T${match[3]}Z`;
  const timeMs = parseMoment(`${year}${rest}`);
  if (timeMs !== undefined && timeMs <= publishTimeMs + MS_PER_DAY) return timeMs;
  return parseMoment(`${year - 1}${rest}`);
}

function lineTime(time: string, publishTimeMs: number): EntryTime {
  const ownMs = time === '' ? undefined : parseMoment(time.replace(GO_DATE, '$1-$2-$3 '));
  const timeMs = ownMs ?? (time === '' ? undefined : syslogTime(time, publishTimeMs));
  if (timeMs === undefined || timeMs < EARLIEST_MS || timeMs >= LATEST_MS) {
    return { timeMs: publishTimeMs, minute: 0 };
  }
  return ownTime(timeMs);
}

/** What one line of raw text comes to; a JSON log line counts by its fields. Never throws. */
export function intakeLine(text: string, at: LineContext): Intake {
  if (text.length > ENTRY_CHARS_MAX) {
    return unreadable('too-large', `a line of ${text.length} characters`, `${at.identity}\n${text}`);
  }
  const payload = payloadOfText(text);
  const line = normaliseLine(payload.raw);
  const id = hash64(`${at.identity}\n${text}`);
  const inFields = hasAttributes(payload.attributes) || !line.bare;
  const attributes = inFields ? payload.attributes : attributesOfText(line.message);
  const access = line.access ?? payload.access;
  let source = line.writer === 'unknown' ? payload.writer : line.writer;
  if (access !== undefined) source = 'access-log';
  if (hasAttributes(attributes)) source = 'guest-attributes';
  const record = {
    idHigh: id.high,
    idLow: id.low,
    ...lineTime(payload.raw.slice(line.timeFrom, line.timeTo) || payload.time, at.publishTimeMs),
    source,
    level: line.level === 'unknown' ? payload.level : line.level,
    component: line.component === '' ? payload.component : line.component,
    message: line.message,
    text: payload.access === undefined ? line.text : accessText(payload.access),
    bare: line.bare && !payload.whole,
    logName: '',
    proxy: UNKNOWN_PROXY,
    attributes,
  };
  return { kind: 'record', record: access === undefined ? record : { ...record, access } };
}
