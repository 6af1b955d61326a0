// Which managed instance group made the VM, so that the recreate command can be given exactly.
import { sh } from '#shared/patterns/shell.ts';
import { ask, fault, ok, unreadable, type Check } from './check.ts';
import { askInstance, firstVm, hasVm, INSTANCE_PERMISSION } from './instance.ts';
import { textOf, type JsonObject } from './json.ts';
import { getGroupManager } from './requests.ts';

const PERMISSION = 'compute.instanceGroupManagers.get';
const EXPECTED = 'a managed instance group that made the VM';

const readManager = (body: JsonObject): string | undefined => textOf(body['name']) || undefined;

/** The command that makes one VM of a group anew; `place` is `zones/Z` or `regions/R`. */
function recreateCommand(
  group: { readonly name: string; readonly place: string },
  instance: string,
  project: string,
): string {
  const [kind, where = ''] = group.place.split('/');
  return kind === 'regions'
    ? sh`gcloud compute instance-groups managed recreate-instances ${group.name} --instances=${instance} --region=${where} --project=${project}`
    : sh`gcloud compute instance-groups managed recreate-instances ${group.name} --instances=${instance} --zone=${where} --project=${project}`;
}

export const instanceGroup: Check = {
  id: 'instance-group',
  asks: 'metadata `created-by` of an affected VM, and whether that managed instance group still exists',
  permissions: [PERMISSION, INSTANCE_PERMISSION],
  applies: hasVm,
  run: function* (subject) {
    const vm = firstVm(subject);
    if (vm === undefined) return unreadable(EXPECTED, 'no VM is known');
    const instance = yield* askInstance(vm);
    if (instance.kind !== 'read') return unreadable(EXPECTED, instance.why);
    const { name, group, groupPlace } = instance.value;
    if (group === '') return fault(EXPECTED, `no group made ${name}: it can only be recreated by hand`);
    const got = yield* ask(getGroupManager(vm.project, groupPlace, group), PERMISSION, readManager);
    if (got.kind === 'absent') return fault(EXPECTED, `group ${group}, which made ${name}, is gone`);
    if (got.kind === 'unread') return unreadable(EXPECTED, got.why);
    return ok(EXPECTED, recreateCommand({ name: group, place: groupPlace }, name, vm.project));
  },
};
