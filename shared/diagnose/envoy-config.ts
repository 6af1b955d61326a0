// Envoy's own configuration is behind its admin port on the VM: no API shows it, and this check says how to see it.
import { or, sh } from '#shared/patterns/shell.ts';
import type { Check } from './check.ts';
import { firstVm, hasVm } from './instance.ts';
import { instanceName } from './requests.ts';
import { say } from './say.ts';

export const envoyConfig: Check = {
  id: 'envoy-config',
  asks: 'nothing: Envoy’s configuration can only be read on the VM; the command is given',
  permissions: [],
  applies: hasVm,
  // oxlint-disable-next-line require-yield -- a check that asks nothing still has the form of one
  run: function* (subject) {
    const vm = firstVm(subject);
    const instance = vm === undefined ? 'INSTANCE_NAME' : instanceName(vm);
    return {
      kind: 'unreadable',
      expected: say('envoy-expected', {}),
      found: say('envoy-on-vm', {}),
      how: sh`gcloud compute ssh ${instance} --zone=${or(vm?.location, 'ZONE')} --project=${or(vm?.project, 'PROJECT_ID')} --command=${'sudo curl -s localhost:15000/config_dump'}`,
    };
  },
};
