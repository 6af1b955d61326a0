import type { PatternSamples } from './sample.ts';

const scope = { project: 'demo-project', location: 'europe-west3-a', group: 'web-frontend' };

export const samples: PatternSamples = {
  matches: [
    {
      line: '{"message":"guest attributes","agent-heartbeat":"2026-11-01T09:54:59Z"}',
      route: 'attributes',
      why: 'one second past five minutes, RFC 3339',
      sign: 'heartbeat',
      fields: { heartbeat: '2026-11-01T09:54:59.000Z', ageSeconds: '301', group: 'web-frontend' },
      scope,
    },
    {
      line: '{"message":"guest attributes","agent-heartbeat":"1793523600"}',
      route: 'attributes',
      why: 'epoch seconds, an hour old',
      sign: 'heartbeat',
      fields: { heartbeat: '2026-11-01T09:00:00.000Z', ageSeconds: '3600', group: 'web-frontend' },
      scope,
    },
    {
      line: '{"message":"guest attributes","agent-heartbeat":"2026-11-01 09:00:00"}',
      route: 'attributes',
      why: 'date and time without a zone',
      sign: 'heartbeat',
      fields: { heartbeat: '2026-11-01T09:00:00.000Z', ageSeconds: '3600', group: 'web-frontend' },
      scope,
    },
    {
      line: '{"message":"guest attributes","agent-heartbeat":"2026-11-01T09:00:00Z","group-place":"regions/europe-west3"}',
      route: 'attributes',
      why: 'a VM of a regional group: its zones are one incident',
      sign: 'heartbeat',
      fields: { heartbeat: '2026-11-01T09:00:00.000Z', ageSeconds: '3600', group: 'web-frontend' },
      scope: { ...scope, location: 'europe-west3' },
    },
  ],
  nearMisses: [
    {
      line: '{"message":"guest attributes","agent-heartbeat":"2026-11-01T09:55:00Z"}',
      route: 'attributes',
      why: 'exactly five minutes is not older than five minutes',
      verdict: 'ignored',
    },
    {
      line: '{"message":"guest attributes","agent-heartbeat":"yesterday, about noon"}',
      route: 'attributes',
      why: 'a value of unknown form is unknown, never stale',
      verdict: 'ignored',
    },
    {
      line: '{"message":"guest attributes","agent-heartbeat":"2026-11-01T10:03:00Z"}',
      route: 'attributes',
      why: 'a clock ahead of ours',
      verdict: 'ignored',
    },
    {
      line: '[2026-11-01 10:00:00.000][31][warning][lua] [source/extensions/filters/http/lua/lua_filter.cc:914] script log: agent-heartbeat 2020-01-01T00:00:00Z',
      route: 'ops-agent',
      why: 'a script that logs what a client sent',
      verdict: 'routine',
      hostile: true,
    },
  ],
};
