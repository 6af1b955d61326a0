import type { PatternSamples } from './sample.ts';

export const samples: PatternSamples = {
  matches: [
    {
      line: '{"message":"pipeline","pipeline-silent-seconds":"3601","pipeline-usual-gap-seconds":"60"}',
      route: 'attributes',
      why: 'a second more than an hour, and a minute is usual',
      sign: 'no-entry',
      fields: { silentSeconds: '3601', usualSeconds: '60' },
      scope: { project: 'demo-project' },
    },
    {
      line: '{"message":"pipeline","pipeline-silent-seconds":"21601","pipeline-usual-gap-seconds":"7200"}',
      route: 'attributes',
      why: 'a second more than three times the two hours that are usual',
      sign: 'no-entry',
      fields: { silentSeconds: '21601', usualSeconds: '7200' },
      scope: { project: 'demo-project' },
    },
  ],
  nearMisses: [
    {
      line: '{"message":"pipeline","pipeline-silent-seconds":"3600","pipeline-usual-gap-seconds":"60"}',
      route: 'attributes',
      why: 'an hour is no silence yet',
      verdict: 'ignored',
    },
    {
      line: '{"message":"pipeline","pipeline-silent-seconds":"21600","pipeline-usual-gap-seconds":"7200"}',
      route: 'attributes',
      why: 'exactly three times the usual gap',
      verdict: 'ignored',
    },
    {
      line: '{"message":"pipeline","pipeline-silent-seconds":"90000"}',
      route: 'attributes',
      why: 'no habit is known',
      verdict: 'ignored',
    },
    {
      line: '[2026-11-01 10:00:00.000][812][error][lua] [source/extensions/filters/http/lua/lua_filter.cc:917] script log: pipeline-silent-seconds 999999',
      route: 'ops-agent',
      why: 'a script that logs what a client sent',
      verdict: 'routine',
      hostile: true,
    },
  ],
};
