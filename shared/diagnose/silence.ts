// Silence as a finding: agents that wrote to their log and write no more, and a pipeline that nothing comes through any more.
// In: how many entries Cloud Monitoring counted, when the last entry arrived. Out: seconds of silence and the usual gap.
import type { PipelineState } from '#shared/model/fleet.ts';
import { parseMoment } from '#shared/model/moment.ts';
import { SILENT_AFTER_MS } from '#shared/patterns/agent-silent.ts';
import { PIPELINE_SILENT_AFTER_MS, PIPELINE_SILENT_FACTOR } from '#shared/patterns/pipeline-silent.ts';
import { isObject, numberOf, objectsOf, textOf, type JsonObject } from './json.ts';
import type { GoogleRequest } from '#shared/model/google-api.ts';

export const ACTIVITY_PERMISSION = 'monitoring.timeSeries.list';

/** Two days tell «wrote yesterday, silent now»; counts come for every three hours. */
const ACTIVITY_MS = 48 * 3_600_000;
const ACTIVITY_STEP_MS = 3 * 3_600_000;

/** Fewer steps with entries than this make no habit. */
const HABIT_STEPS_MIN = 4;

/** A pipeline that is known for less time than this has no habit either. */
const PIPELINE_KNOWN_MS = 24 * 3_600_000;

/** monitoring.projects.timeSeries.list: entries of log service-proxy-agent by VM. */
export function listAgentActivity(project: string, nowMs: number): GoogleRequest {
  return {
    service: 'monitoring',
    method: 'GET',
    path: `v3/projects/${encodeURIComponent(project)}/timeSeries`,
    query: {
      filter:
        'metric.type="logging.googleapis.com/log_entry_count" AND resource.type="gce_instance" AND metric.labels.log="service-proxy-agent"',
      'interval.startTime': new Date(nowMs - ACTIVITY_MS).toISOString(),
      'interval.endTime': new Date(nowMs).toISOString(),
      'aggregation.alignmentPeriod': `${ACTIVITY_STEP_MS / 1_000}s`,
      'aggregation.perSeriesAligner': 'ALIGN_SUM',
      'aggregation.crossSeriesReducer': 'REDUCE_SUM',
      'aggregation.groupByFields': 'resource.labels.instance_id',
      pageSize: '20000',
    },
    list: 'timeSeries',
  };
}

/** VM number → ends of the steps in which its agent wrote, the earliest first. */
export type Activity = ReadonlyMap<string, readonly number[]>;

/** Reads the time series; undefined where the answer is none. */
export function readActivity(body: JsonObject): Activity | undefined {
  const series = objectsOf(body['timeSeries']);
  if (series === undefined) return undefined;
  const activity = new Map<string, readonly number[]>();
  for (const one of series) {
    const labels = isObject(one['resource']) ? one['resource']['labels'] : undefined;
    const number = isObject(labels) ? textOf(labels['instance_id']) : '';
    const ends = (objectsOf(one['points']) ?? []).flatMap((point) => {
      const value = isObject(point['value']) ? (numberOf(point['value']['int64Value']) ?? 0) : 0;
      const endMs = isObject(point['interval'])
        ? parseMoment(textOf(point['interval']['endTime']))
        : undefined;
      return value > 0 && endMs !== undefined ? [endMs] : [];
    });
    if (number !== '' && ends.length > 0)
      activity.set(
        number,
        ends.toSorted((a, b) => a - b),
      );
  }
  return activity;
}

function longestGap(times: readonly number[]): number {
  return times.reduce((longest, time, index) => Math.max(longest, time - (times[index - 1] ?? time)), 0);
}

/** What `agent-silent` asks of one VM; undefined where its agent was not heard of, or wrote within the hour. */
export function silenceOf(
  ends: readonly number[] | undefined,
  nowMs: number,
): Readonly<Record<string, string>> | undefined {
  const last = ends?.at(-1);
  if (ends === undefined || last === undefined || nowMs - last <= SILENT_AFTER_MS) return undefined;
  const silent = { 'agent-silent-seconds': String(Math.floor((nowMs - last) / 1_000)) };
  if (ends.length < HABIT_STEPS_MIN) return silent;
  return { ...silent, 'agent-usual-gap-seconds': String(Math.ceil(longestGap(ends) / 1_000)) };
}

/** What is known of the pipeline after looking at when the last entry arrived. */
export function watchPipeline(
  before: PipelineState | undefined,
  lastArrivalMs: number,
  nowMs: number,
): PipelineState {
  if (before === undefined) return { lastArrivalMs, sinceMs: nowMs, longestGapMs: 0 };
  if (lastArrivalMs <= before.lastArrivalMs) return before;
  const gapMs = before.lastArrivalMs === 0 ? 0 : lastArrivalMs - before.lastArrivalMs;
  return { ...before, lastArrivalMs, longestGapMs: Math.max(before.longestGapMs, gapMs) };
}

/** What `pipeline-silent` asks: nothing came for far longer than ever before. */
export function pipelineSilence(
  state: PipelineState,
  nowMs: number,
): Readonly<Record<string, string>> | undefined {
  const silentMs = nowMs - state.lastArrivalMs;
  const isKnown = state.lastArrivalMs > 0 && nowMs - state.sinceMs >= PIPELINE_KNOWN_MS;
  if (
    !isKnown ||
    silentMs <= PIPELINE_SILENT_AFTER_MS ||
    silentMs <= PIPELINE_SILENT_FACTOR * state.longestGapMs
  )
    return undefined;
  return {
    'pipeline-silent-seconds': String(Math.floor(silentMs / 1_000)),
    'pipeline-usual-gap-seconds': String(Math.ceil(state.longestGapMs / 1_000)),
  };
}
