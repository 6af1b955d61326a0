// An incident as a document and back: what the checks found survives in both languages.
import { expect, test } from 'vitest';
import { incidentDocument, readIncident } from '#functions/adapters/firestore-documents.ts';
import type { Incident } from '#shared/model/incident.ts';
import { anIncident, OPENED_MS } from '../notify/incident.ts';

const VERDICT = {
  id: 'meshes',
  verdict: 'fault',
  expected: 'a Mesh named sidecar',
  found: 'no Mesh is named sidecar; there is none at all',
  how: 'GET',
  atMs: OPENED_MS,
} as const;
const CHINESE = { expected: '名为 sidecar 的 Mesh', found: '没有名为 sidecar 的 Mesh；也没有任何其他 Mesh' };

test.for([undefined, 0, OPENED_MS])(
  'that the last live entry is of %s comes back as it was',
  (lastLiveMs) => {
    const incident = anIncident({ evidence: lastLiveMs === undefined ? {} : { lastLiveMs } });
    expect(readIncident(incidentDocument(incident)).evidence.lastLiveMs).toBe(lastLiveMs);
  },
);

test.for([
  ['both languages', { checks: [{ ...VERDICT, zhCn: CHINESE }], conclusion: 'a', conclusionZhCn: '甲' }],
  ['English alone, as they were stored first', { checks: [VERDICT], conclusion: 'a' }],
  ['a known episode', { checks: [VERDICT], checkedEpisode: 2, conclusion: 'a' }],
  ['none', {}],
] as const satisfies readonly (readonly [string, Partial<Incident>])[])(
  'verdicts in %s come back as they were',
  ([, checked]) => {
    const incident = anIncident({ incident: checked });
    const { checks, checkedEpisode, conclusion, conclusionZhCn } = readIncident(incidentDocument(incident));
    expect({ checks, checkedEpisode, conclusion, conclusionZhCn }).toEqual({
      checks: incident.checks,
      checkedEpisode: incident.checkedEpisode,
      conclusion: incident.conclusion,
      conclusionZhCn: incident.conclusionZhCn,
    });
  },
);
