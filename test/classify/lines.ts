// Records of made-up lines for the tests of this folder: a line in, what intake makes of it out.
import { intakeEntry } from '#shared/intake/log-entry.ts';
import type { LogRecord } from '#shared/model/record.ts';
import { entryOf, type Route } from '../patterns/sample.ts';

/** The record of one line, as it would come by that route. */
export function recordOf(line: string, route: Route = 'ops-agent'): LogRecord {
  const intake = intakeEntry(entryOf({ line, route, why: '' }), { publishTimeMs: 0 });
  if (intake.kind !== 'record') throw new Error(`no record of «${line}»: ${intake.detail}`);
  return intake.record;
}

/** Envoy's own form of a message. */
export function envoy(level: string, component: string, message: string): string {
  return `[2026-11-01 10:00:00.000][17][${level}][${component}] [source/common/some_file.cc:42] ${message}`;
}

/** Istio's form of a message, of Envoy (`envoy config`) or of an agent's scope. */
export function istio(level: string, scope: string, message: string): string {
  return ['2026-11-01T10:00:00.000000Z', level, ...(scope === '' ? [] : [scope]), message].join('\t');
}
