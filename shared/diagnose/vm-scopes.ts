// May the VM use Google's APIs at all? Its access scopes limit its service account, whatever roles that has.
import { fault, ok, unreadable, type Check } from './check.ts';
import { askInstance, firstVm, hasVm, INSTANCE_PERMISSION } from './instance.ts';
import { lastSegment } from './json.ts';
import { inRow, say } from './say.ts';

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const EXPECTED = say('scope-expected', {});
const SHOWN_MAX = 5;

export const vmScopes: Check = {
  id: 'vm-scopes',
  asks: 'service account and access scopes of an affected VM',
  permissions: [INSTANCE_PERMISSION],
  applies: hasVm,
  run: function* (subject) {
    const vm = firstVm(subject);
    if (vm === undefined) return unreadable(EXPECTED, say('no-vm', {}));
    const got = yield* askInstance(vm);
    if (got.kind !== 'read') return unreadable(EXPECTED, got.why);
    const { account, scopes, name } = got.value;
    if (account === '') return fault(EXPECTED, say('no-account', { vm: name }));
    if (scopes.includes(SCOPE)) return ok(EXPECTED, say('scope-granted', { vm: name }));
    if (scopes.length === 0) return fault(EXPECTED, say('scope-none', { vm: name }));
    const others = inRow(scopes.slice(0, SHOWN_MAX).map(lastSegment));
    return fault(EXPECTED, say('scope-others', { vm: name, scopes: others }));
  },
};
