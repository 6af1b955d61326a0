import type { PatternSamples } from './sample.ts';

export const samples: PatternSamples = {
  matches: [
    {
      line: '{"message":"guest attributes","bootstrap-status":"IN PROGRESS","vm-age-seconds":"901"}',
      route: 'attributes',
      why: 'one second past a quarter of an hour',
      sign: 'unfinished',
      fields: { status: 'IN PROGRESS', ageSeconds: '901', group: 'web-frontend' },
      scope: {
        project: 'demo-project',
        location: 'europe-west3-a',
        group: 'web-frontend',
        status: 'IN PROGRESS',
      },
    },
    {
      line: '{"message":"guest attributes","bootstrap-status":"[none]","vm-age-seconds":"7200"}',
      route: 'attributes',
      why: 'never begun',
      sign: 'unfinished',
      fields: { status: '[none]', ageSeconds: '7200', group: 'web-frontend' },
      scope: { project: 'demo-project', location: 'europe-west3-a', group: 'web-frontend', status: '[none]' },
    },
    {
      line: '{"message":"guest attributes","bootstrap-status":"none","vm-age-seconds":7200}',
      route: 'attributes',
      why: 'the same, a number in the JSON',
      sign: 'unfinished',
      fields: { status: '[none]', ageSeconds: '7200', group: 'web-frontend' },
      scope: { project: 'demo-project', location: 'europe-west3-a', group: 'web-frontend', status: '[none]' },
    },
  ],
  nearMisses: [
    {
      line: '{"message":"guest attributes","bootstrap-status":"IN PROGRESS","vm-age-seconds":"900"}',
      route: 'attributes',
      why: 'exactly a quarter of an hour is not longer',
      verdict: 'ignored',
    },
    {
      line: '{"message":"guest attributes","bootstrap-status":"IN PROGRESS"}',
      route: 'attributes',
      why: 'nobody says how old the VM is',
      verdict: 'ignored',
    },
    {
      line: '{"message":"guest attributes","bootstrap-status":"[none]","vm-age-seconds":"about an hour"}',
      route: 'attributes',
      why: 'an age that is no number',
      verdict: 'ignored',
    },
    {
      line: '{"message":"guest attributes","bootstrap-status":"FINISHED","vm-age-seconds":"90000"}',
      route: 'attributes',
      why: 'done long ago',
      verdict: 'ignored',
    },
    {
      line: '{"message":"guest attributes","bootstrap-status":"FAILED","vm-age-seconds":"90000"}',
      route: 'attributes',
      why: 'failed, not stuck',
      verdict: 'bootstrap-failed',
    },
    {
      line: '{"message":"guest attributes","bootstrap-status":"RESTING","vm-age-seconds":"90000"}',
      route: 'attributes',
      why: 'a word that the guide does not know',
      verdict: 'ignored',
    },
    {
      line: '[2026-11-01 10:00:00.000][812][error][lua] [source/extensions/filters/http/lua/lua_filter.cc:917] script log: bootstrap-status IN PROGRESS vm-age-seconds 90000',
      route: 'ops-agent',
      why: 'a script that logs what a client sent',
      verdict: 'routine',
      hostile: true,
    },
  ],
};
