// The link under the proof: its query finds the incident's own entries and nothing can break out of it.
import { expect, test } from 'vitest';
import { logsLink, logsQuery, QUERY_CHARS_MAX } from '#shared/notify/logs-link.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { anIncident } from './incident.ts';

const pattern = CATALOGUE.find(({ id }) => id === 'config-not-found');

test('the query names the logs, the deciding words and the scope', () => {
  const lines = logsQuery(anIncident(), pattern).split('\n');
  expect(lines[0]).toBe('logName="projects/demo-project/logs/envoy_err"');
  expect(lines[1]).toContain('"onfiguration was not found for"');
  expect(lines.slice(2)).toEqual(['"prod-vpc"', '"123456789012"']);
});

test('an unrecognised error is asked for by the longest part of its shape that never varies', () => {
  const incident = anIncident({
    incident: { pattern: 'unrecognised', scope: { shape: 'lost <n> of <n> bytes while talking to <host>' } },
  });
  expect(logsQuery(incident, undefined).split('\n')[1]).toBe('"bytes while talking to"');
});

test('quotes and line breaks in a log name or a scope stay inside their string', () => {
  const evil = 'x" OR severity>=DEFAULT\nOR "';
  const incident = anIncident({ incident: { scope: { network: evil } } });
  const [sample] = incident.evidence.samples;
  if (sample === undefined) throw new Error('no sample');
  const samples = [{ ...sample, logName: evil, message: `${sample.message} ${evil}` }];
  const query = logsQuery({ ...incident, evidence: { ...incident.evidence, samples } }, pattern);
  const outside = query.replaceAll(/"(?:[^"\\]|\\.)*"/g, '');
  expect(outside).not.toContain('severity');
  expect(outside.split('\n')).toHaveLength(query.split('\n').length);
});

test('a query that is too long loses whole conditions, never its end', () => {
  const scope = { network: 'x'.repeat(2_000) };
  const long = anIncident({ incident: { scope } });
  const samples = long.evidence.samples.map((one) => ({
    ...one,
    message: `${one.message} ${scope.network}`,
  }));
  const query = logsQuery({ ...long, evidence: { ...long.evidence, samples } }, pattern);
  expect(encodeURIComponent(query).length).toBeLessThanOrEqual(QUERY_CHARS_MAX);
  expect((query.match(/"/g) ?? []).length % 2).toBe(0);
});

test('without a log or a project there is no link', () => {
  expect(logsLink(anIncident({ evidence: { samples: [] } }), pattern)).toBe('');
  expect(logsLink(anIncident({ evidence: { projects: [] } }), pattern)).toBe('');
});
