import type { PatternSamples } from './sample.ts';

export const samples: PatternSamples = {
  matches: [
    {
      line: '{"message":"guest attributes","agent-silent-seconds":"14401","agent-usual-gap-seconds":"300"}',
      route: 'attributes',
      why: 'it writes every five minutes, and nothing for four hours',
      sign: 'against-its-habit',
      fields: { silentSeconds: '14401', usualSeconds: '300', group: 'web-frontend' },
      scope: { project: 'demo-project', location: 'europe-west3-a', group: 'web-frontend' },
    },
    {
      line: '{"message":"guest attributes","agent-silent-seconds":"14401","agent-usual-gap-seconds":"300","agent-heartbeat":"2026-11-01T09:59:30Z"}',
      route: 'attributes',
      why: 'it lives, but its log does not arrive',
      sign: 'against-its-habit',
      fields: {
        silentSeconds: '14401',
        usualSeconds: '300',
        heartbeat: '2026-11-01T09:59:30Z',
        group: 'web-frontend',
      },
      scope: { project: 'demo-project', location: 'europe-west3-a', group: 'web-frontend' },
    },
    {
      line: '{"message":"guest attributes","agent-silent-seconds":"86401"}',
      route: 'attributes',
      why: 'no habit is known, and a day is over',
      sign: 'for-a-day',
      fields: { silentSeconds: '86401', group: 'web-frontend' },
      scope: { project: 'demo-project', location: 'europe-west3-a', group: 'web-frontend' },
      weight: 'weak',
    },
  ],
  nearMisses: [
    {
      line: '{"message":"guest attributes","agent-silent-seconds":"3600","agent-usual-gap-seconds":"60"}',
      route: 'attributes',
      why: 'an hour is no silence yet',
      verdict: 'ignored',
    },
    {
      line: '{"message":"guest attributes","agent-silent-seconds":"14400","agent-usual-gap-seconds":"4800"}',
      route: 'attributes',
      why: 'exactly three times its usual silence',
      verdict: 'ignored',
    },
    {
      line: '{"message":"guest attributes","agent-silent-seconds":"86400"}',
      route: 'attributes',
      why: 'exactly a day',
      verdict: 'ignored',
    },
    {
      line: '{"message":"guest attributes","agent-silent-seconds":"since yesterday"}',
      route: 'attributes',
      why: 'no number',
      verdict: 'ignored',
    },
    {
      line: '[2026-11-01 10:00:00.000][812][error][lua] [source/extensions/filters/http/lua/lua_filter.cc:917] script log: agent-silent-seconds 999999',
      route: 'ops-agent',
      why: 'a script that logs what a client sent',
      verdict: 'routine',
      hostile: true,
    },
  ],
};
