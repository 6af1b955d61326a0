import type { PatternSamples } from './sample.ts';

export const samples: PatternSamples = {
  matches: [
    {
      line: 'Envoy Version: 0123456789abcdef0123456789abcdef01234567/1.15.1-dev/Clean/RELEASE/BoringSSL',
      route: 'agent',
      severity: 'INFO',
      why: 'the guide: the agent announces the version at start',
      sign: 'announcement',
      fields: { version: '1.15.1', line: '1.15' },
      scope: { project: 'demo-project', line: '1.15' },
    },
    {
      line: '/usr/local/bin/envoy  version: 0123456789abcdef0123456789abcdef01234567/1.25.7/Clean/RELEASE/BoringSSL',
      route: 'ops-agent',
      why: 'envoy --version; newer than 1.24.9 and yet without the fix',
      sign: 'announcement',
      fields: { version: '1.25.7', line: '1.25' },
      scope: { project: 'demo-project', line: '1.25' },
    },
    {
      line: '0123456789abcdef0123456789abcdef01234567/1.24.8/Modified/RELEASE/BoringSSL',
      route: 'ops-agent',
      why: 'the build string alone',
      sign: 'build-string',
      fields: { version: '1.24.8', line: '1.24' },
      scope: { project: 'demo-project', line: '1.24' },
    },
    {
      line: '{"message":"guest attributes","proxy-version":"0123456789abcdef0123456789abcdef01234567/1.26.2/Clean/RELEASE/BoringSSL"}',
      route: 'attributes',
      why: 'guest attribute proxy-version',
      sign: 'guest-attribute',
      fields: { version: '1.26.2', line: '1.26' },
      scope: { project: 'demo-project', line: '1.26' },
    },
    {
      line: ' "version": "0123456789abcdef0123456789abcdef01234567/1.20.3/Clean/RELEASE/BoringSSL",',
      route: 'agent',
      why: 'what the admin interface answers to /server_info',
      sign: 'build-string',
      fields: { version: '1.20.3', line: '1.20' },
      scope: { project: 'demo-project', line: '1.20' },
    },
  ],
  nearMisses: [
    {
      line: 'Envoy Version: 0123456789abcdef0123456789abcdef01234567/1.24.9/Clean/RELEASE/BoringSSL',
      route: 'agent',
      severity: 'INFO',
      why: 'the oldest supported release',
      verdict: 'ignored',
    },
    {
      line: 'Envoy Version: 0123456789abcdef0123456789abcdef01234567/1.100.0/Clean/RELEASE/BoringSSL',
      route: 'agent',
      severity: 'INFO',
      why: 'versions are numbers, not text',
      verdict: 'ignored',
    },
    {
      line: '[2026-11-01 10:00:00.000][31][warning][lua] [source/extensions/filters/http/lua/lua_filter.cc:914] script log: Envoy Version: 0123456789abcdef0123456789abcdef01234567/1.15.1/Clean/RELEASE/BoringSSL',
      route: 'ops-agent',
      why: 'a script that logs what a client sent',
      verdict: 'routine',
      hostile: true,
    },
  ],
};
