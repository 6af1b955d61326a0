// Does the project's policy grant the VM's service account the role it needs? Folders, organisations and groups may
// grant it too, and this policy does not show that: absence here is «not found in the project’s policy», never «missing».
import { ask, fault, ok, unreadable, type Check, type Subject } from './check.ts';
import { askInstance, firstVm, hasVm, INSTANCE_PERMISSION } from './instance.ts';
import { objectsOf, textOf, textsOf, type JsonObject } from './json.ts';
import { getProjectPolicy, isName } from './requests.ts';
import { say } from './say.ts';

const PERMISSION = 'resourcemanager.projects.getIamPolicy';
/** Roles that hold what the control plane asks for; basic roles hold nearly every permission of a service. */
const BASIC_ROLES = ['roles/owner', 'roles/editor'];

interface Need {
  readonly role: string;
  readonly permission: string;
}

/** Which permission was missing: reporting load and fetching configuration are two. */
function neededBy({ pattern, fields, method }: Subject): Need {
  if (pattern === 'agent-silent')
    return { role: 'roles/logging.logWriter', permission: 'logging.logEntries.create' };
  const named = fields['permission'] ?? '';
  const isLoad = named.endsWith('reportMetrics') || /StreamLoadStats/.test(fields['method'] ?? method);
  return {
    role: 'roles/trafficdirector.client',
    permission: `trafficdirector.networks.${isLoad ? 'reportMetrics' : 'getConfigs'}`,
  };
}

interface Binding {
  readonly role: string;
  readonly members: readonly string[];
  readonly isConditional: boolean;
}

const readBindings = (body: JsonObject): readonly Binding[] | undefined =>
  objectsOf(body['bindings'])?.map((binding) => ({
    role: textOf(binding['role']),
    members: textsOf(binding['members']),
    isConditional: binding['condition'] !== undefined,
  }));

export const projectPolicy: Check = {
  id: 'project-policy',
  asks: 'roles of the VM’s service account in the project’s own IAM policy',
  permissions: [PERMISSION, INSTANCE_PERMISSION],
  applies: (subject) => isName(subject.meshProject) && hasVm(subject),
  run: function* (subject) {
    const { role, permission } = neededBy(subject);
    const expected = say('role-expected', { role, permission });
    const vm = firstVm(subject);
    if (vm === undefined) return unreadable(expected, say('no-vm', {}));
    const instance = yield* askInstance(vm);
    if (instance.kind !== 'read') return unreadable(expected, instance.why);
    const { account } = instance.value;
    if (account === '') return fault(expected, say('no-account', { vm: instance.value.name }));
    const got = yield* ask(getProjectPolicy(subject.meshProject), PERMISSION, readBindings);
    if (got.kind !== 'read') return unreadable(expected, got.why);
    const member = `serviceAccount:${account}`;
    const bindings = got.value.filter(
      (one) => [role, ...BASIC_ROLES].includes(one.role) && one.members.includes(member),
    );
    const sure = bindings.find((one) => !one.isConditional);
    if (sure !== undefined) return ok(expected, say('role-granted', { account, role: sure.role }));
    if (bindings.length > 0) return unreadable(expected, say('role-condition', { account, role }));
    return fault(expected, say('role-missing', { role, account }));
  },
};
