// Which managed instance group made the VM, so that the recreate command can be given exactly.
import { recreateCommand } from '#shared/patterns/shell.ts';
import { ask, fault, ok, unreadable, type Check } from './check.ts';
import { askInstance, firstVm, hasVm, INSTANCE_PERMISSION } from './instance.ts';
import { textOf, type JsonObject } from './json.ts';
import { getGroupManager } from './requests.ts';
import { asIs, say } from './say.ts';

const PERMISSION = 'compute.instanceGroupManagers.get';
const EXPECTED = say('group-expected', {});

const readManager = (body: JsonObject): string | undefined => textOf(body['name']) || undefined;

export const instanceGroup: Check = {
  id: 'instance-group',
  asks: 'metadata `created-by` of an affected VM, and whether that managed instance group still exists',
  permissions: [PERMISSION, INSTANCE_PERMISSION],
  applies: hasVm,
  run: function* (subject) {
    const vm = firstVm(subject);
    if (vm === undefined) return unreadable(EXPECTED, say('no-vm', {}));
    const instance = yield* askInstance(vm);
    if (instance.kind !== 'read') return unreadable(EXPECTED, instance.why);
    const { name, group, groupPlace } = instance.value;
    if (group === '') return fault(EXPECTED, say('group-none', { vm: name }));
    const got = yield* ask(getGroupManager(vm.project, groupPlace, group), PERMISSION, readManager);
    if (got.kind === 'absent') return fault(EXPECTED, say('group-gone', { group, vm: name }));
    if (got.kind === 'unread') return unreadable(EXPECTED, got.why);
    const [, place = ''] = groupPlace.split('/');
    return ok(EXPECTED, asIs(recreateCommand({ group, instance: name, place, project: vm.project })));
  },
};
