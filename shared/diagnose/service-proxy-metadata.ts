// What the VM's metadata key `gce-service-proxy` tells the agent, held against what the incident says.
// A manual deployment has no such key: that is said, not called a fault.
import { fault, ok, unreadable, type Asking, type Check, type Reading, type Subject } from './check.ts';
import { askRules, rulesInWords, RULES_PERMISSION } from './forwarding-rules.ts';
import { askInstance, firstVm, hasVm, INSTANCE_PERMISSION, type ServiceProxy } from './instance.ts';
import { isName } from './requests.ts';
import { inRow, say, type Said } from './say.ts';

const EXPECTED = say('metadata-expected', {});

function* readNetwork(subject: Subject, spec: ServiceProxy, vmNetwork: string): Asking<Reading> {
  const asked = subject.fields['projectNumber'] ?? '';
  if (asked !== '' && spec.projectNumber !== '' && /^\d+$/.test(asked) && spec.projectNumber !== asked)
    return fault(
      say('metadata-number-expected', { number: asked }),
      say('metadata-number', { number: spec.projectNumber }),
    );
  if (spec.mesh !== '') return ok(EXPECTED, say('metadata-mesh', { mesh: spec.mesh }));
  const network = spec.network === '' ? vmNetwork : spec.network;
  const expected = say('metadata-network-expected', {});
  const rules = yield* askRules(subject.meshProject);
  if (rules.kind !== 'read')
    return unreadable(expected, say('metadata-network-unread', { network, why: rules.why }));
  if (rules.value.some((rule) => rule.network === network))
    return ok(expected, say('metadata-network', { network }));
  return fault(expected, say('metadata-network-other', { network, rules: rulesInWords(rules.value) }));
}

function readFile(subject: Subject, spec: ServiceProxy): Reading {
  const path = subject.fields['path'] ?? '';
  const expected = say('metadata-log-expected', {});
  if (path === '' || spec.accessLog === '') return ok(EXPECTED, say('metadata-log-unset', {}));
  if (spec.accessLog === path) return fault(expected, say('metadata-log', { path }));
  return ok(expected, say('metadata-log-moved', { path: spec.accessLog, before: path }));
}

function describe(spec: ServiceProxy): Said {
  const parts = [
    spec.network === '' ? undefined : say('metadata-has-network', { network: spec.network }),
    spec.mesh === '' ? undefined : say('metadata-has-mesh', { mesh: spec.mesh }),
    spec.servingPorts.length === 0
      ? undefined
      : say('metadata-has-ports', { ports: inRow(spec.servingPorts.slice(0, 8)) }),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? say('metadata-has-nothing', {}) : inRow(parts);
}

export const serviceProxyMetadata: Check = {
  id: 'service-proxy-metadata',
  asks: 'metadata `gce-service-proxy` of an affected VM: network, mesh, project number, access log',
  permissions: [INSTANCE_PERMISSION, RULES_PERMISSION],
  applies: hasVm,
  run: function* (subject) {
    const vm = firstVm(subject);
    if (vm === undefined) return unreadable(EXPECTED, say('no-vm', {}));
    const got = yield* askInstance(vm);
    if (got.kind !== 'read') return unreadable(EXPECTED, got.why);
    const { serviceProxy: spec, network } = got.value;
    if (spec === undefined) return unreadable(EXPECTED, say('metadata-none', { vm: got.value.name }));
    if (spec === 'unreadable') return fault(EXPECTED, say('metadata-no-json', { vm: got.value.name }));
    if (subject.pattern === 'config-not-found' && isName(subject.meshProject))
      return yield* readNetwork(subject, spec, network);
    if (subject.pattern === 'listener-rejected') return readFile(subject, spec);
    return ok(EXPECTED, describe(spec));
  },
};
