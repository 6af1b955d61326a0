import type { PatternSamples } from './sample.ts';

export const samples: PatternSamples = {
  matches: [
    {
      line: '{"message":"fleet","fleet-unreadable":"needs compute.instances.getGuestAttributes"}',
      route: 'attributes',
      why: 'a 403 names the permission',
      sign: 'reason',
      fields: {
        kind: 'permission',
        permission: 'compute.instances.getGuestAttributes',
        reason: 'needs compute.instances.getGuestAttributes',
      },
      scope: { project: 'demo-project', reason: 'compute.instances.getGuestAttributes' },
    },
    {
      line: '{"message":"fleet","fleet-unreadable":"guest attributes are off, or nothing was written to them"}',
      route: 'attributes',
      why: 'a 404 of a VM whose metadata does not turn them on',
      sign: 'reason',
      fields: { kind: 'off', reason: 'guest attributes are off, or nothing was written to them' },
      scope: { project: 'demo-project', reason: 'off' },
    },
    {
      line: '{"message":"fleet","fleet-unreadable":"Google’s API fails (timeout)"}',
      route: 'attributes',
      why: 'no answer in time',
      sign: 'reason',
      fields: { kind: 'failing', reason: 'Google’s API fails (timeout)' },
      scope: { project: 'demo-project', reason: 'failing' },
    },
  ],
  nearMisses: [
    {
      line: '{"message":"fleet","fleet-unreadable":"needs coffee"}',
      route: 'attributes',
      why: 'no permission and no reason that `watch` writes',
      verdict: 'ignored',
    },
    {
      line: '{"message":"fleet","fleet-unreadable":"the VM says: needs compute.instances.get"}',
      route: 'attributes',
      why: 'only what begins with the reason is one',
      verdict: 'ignored',
    },
    {
      line: '[2026-11-01 10:00:00.000][812][error][lua] [source/extensions/filters/http/lua/lua_filter.cc:917] script log: fleet-unreadable needs compute.instances.list',
      route: 'ops-agent',
      why: 'a script that logs what a client sent',
      verdict: 'routine',
      hostile: true,
    },
  ],
};
