// May the VM use Google's APIs at all? Its access scopes limit its service account, whatever roles that has.
import { fault, ok, unreadable, type Check } from './check.ts';
import { askInstance, firstVm, hasVm, INSTANCE_PERMISSION } from './instance.ts';
import { lastSegment } from './json.ts';

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const EXPECTED = 'access scope cloud-platform';
const SHOWN_MAX = 5;

export const vmScopes: Check = {
  id: 'vm-scopes',
  asks: 'service account and access scopes of an affected VM',
  permissions: [INSTANCE_PERMISSION],
  applies: hasVm,
  run: function* (subject) {
    const vm = firstVm(subject);
    if (vm === undefined) return unreadable(EXPECTED, 'no VM is known');
    const got = yield* askInstance(vm);
    if (got.kind !== 'read') return unreadable(EXPECTED, got.why);
    const { account, scopes, name } = got.value;
    if (account === '') return fault(EXPECTED, `${name} runs without a service account`);
    if (scopes.includes(SCOPE)) return ok(EXPECTED, `${name} has scope cloud-platform`);
    const others = scopes.slice(0, SHOWN_MAX).map(lastSegment).join(', ');
    return fault(EXPECTED, `${name} has ${others === '' ? 'no scope' : `only ${others}`}`);
  },
};
