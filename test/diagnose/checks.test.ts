// Every check against the stand-in, over a socket: what passes, what is a fault, and every way in which Google can fail.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Check, Subject } from '#shared/diagnose/check.ts';
import { CHECKS, checksOf } from '#shared/diagnose/checks.ts';
import type { GoogleWorld, WorldFirewall } from '../../infra/local/google/world.ts';
import {
  aSubject,
  makeWorld,
  NOW_MS,
  onceEach,
  planVms,
  PROJECT,
  proxyOf,
  runCheck,
  startBench,
  TROUBLES,
  type Bench,
} from './world.ts';

interface Row {
  readonly check: string;
  readonly about?: Partial<Subject>;
  /** Changes the project so that the check passes; as it is, it fails or passes by `breaks`. */
  readonly mends?: (world: GoogleWorld) => void;
  readonly breaks?: (world: GoogleWorld) => void;
  readonly ok: RegExp;
  readonly fault: RegExp;
}

const first = (world: GoogleWorld) => {
  const [vm] = world.vms;
  if (vm === undefined) throw new Error('the project has no VM');
  return vm;
};

const STALE = new Date(NOW_MS - 301_000).toISOString();

const ROWS: readonly Row[] = [
  {
    check: 'forwarding-rules',
    mends: (world) =>
      world.forwardingRules.push({ name: 'mesh-prod', network: 'prod-vpc', address: '0.0.0.0' }),
    ok: /^rule mesh-prod names prod-vpc$/,
    fault: /^no rule names prod-vpc; the only INTERNAL_SELF_MANAGED rule names default$/,
  },
  {
    check: 'meshes',
    about: { fields: { kind: 'mesh', name: 'sidecar-mesh' } },
    mends: (world) => world.meshes.push('sidecar-mesh'),
    breaks: (world) => world.meshes.push('other-mesh'),
    ok: /^Mesh sidecar-mesh exists$/,
    fault: /^no Mesh is named sidecar-mesh; there is other-mesh$/,
  },
  {
    check: 'service-proxy-metadata',
    mends: (world) =>
      world.forwardingRules.push({ name: 'mesh-prod', network: 'prod-vpc', address: '0.0.0.0' }),
    ok: /^the metadata names prod-vpc, and so does a rule$/,
    fault: /^the metadata names prod-vpc; the only INTERNAL_SELF_MANAGED rule names default$/,
  },
  {
    check: 'api-state',
    about: { pattern: 'api-disabled' },
    breaks: (world) => {
      world.services['trafficdirector.googleapis.com'] = 'DISABLED';
    },
    ok: /^trafficdirector\.googleapis\.com is ENABLED$/,
    fault: /is DISABLED in project 123456789012$/,
  },
  {
    check: 'vm-scopes',
    breaks: (world) => {
      first(world).scopes = ['https://www.googleapis.com/auth/devstorage.read_only'];
    },
    ok: /^checkout-0000 has scope cloud-platform$/,
    fault: /^checkout-0000 has only devstorage\.read_only$/,
  },
  {
    check: 'project-policy',
    about: { pattern: 'permission-denied', method: 'StreamLoadStats', fields: {} },
    breaks: (world) => world.bindings.splice(0),
    ok: /has roles\/trafficdirector\.client$/,
    fault: /not found in the project’s policy$/,
  },
  {
    check: 'egress-firewall',
    breaks: (world) =>
      world.firewalls.push({
        name: 'deny-all-egress',
        network: 'default',
        priority: 900,
        action: 'denied',
        protocols: [{ IPProtocol: 'all' }],
        destinationRanges: ['0.0.0.0/0'],
      }),
    ok: /^no VPC egress rule of default concerns tcp:443$/,
    fault: /^rule deny-all-egress \(priority 900\) denies tcp:443 to 0\.0\.0\.0\/0$/,
  },
  {
    check: 'egress-route',
    breaks: (world) => {
      for (const subnetwork of world.subnetworks) subnetwork.privateIpGoogleAccess = false;
    },
    ok: /^Private Google Access is on in default$/,
    fault: /no external address, Private Google Access is off in default, and europe-west3 has no Cloud NAT$/,
  },
  {
    check: 'guest-attributes',
    about: { pattern: 'stale-heartbeat' },
    breaks: (world) => {
      first(world).guestAttributes['agent-heartbeat'] = STALE;
    },
    ok: /^checkout-0000 and checkout-0001 are fine$/,
    fault: /^checkout-0000: its last heartbeat was at 2026-11-01T09:54:59Z$/,
  },
  {
    check: 'envoy-versions',
    about: { pattern: 'envoy-version-unsupported' },
    breaks: (world) => {
      first(world).guestAttributes['proxy-version'] =
        'dc78069b10cc94fa07bb974b7101dd1b42e2e7bf/1.25.7/Clean/RELEASE/BoringSSL';
    },
    ok: /^Envoy 1\.29\.7$/,
    fault: /^checkout-0000 runs Envoy 1\.25\.7$/,
  },
  {
    check: 'instance-group',
    breaks: (world) => world.groupManagers.splice(0),
    ok: /^gcloud compute instance-groups managed recreate-instances checkout --instances=checkout-0000 --zone=europe-west3-b --project=demo-mesh$/,
    fault: /^group checkout, which made checkout-0000, is gone$/,
  },
  {
    check: 'backend-health',
    about: { pattern: 'unhealthy-backends' },
    breaks: (world) => {
      const [service] = world.backendServices;
      if (service !== undefined) service.groups = [{ group: 'catalog', healthy: 1, total: 100 }];
    },
    ok: /^10 endpoints of catalog-service are healthy$/,
    fault: /^catalog-service: 99 of 100 endpoints unhealthy: from 99 % on health is ignored/,
  },
];

const checkOf = (id: string): Check => {
  const check = CHECKS.find((one) => one.id === id);
  if (check === undefined) throw new Error(`no check ${id}`);
  return check;
};

test('every check but the one that asks nothing has its row', () => {
  const asking = CHECKS.filter(({ permissions }) => permissions.length > 0).map(({ id }) => id);
  expect(ROWS.map(({ check }) => check).toSorted()).toEqual(asking);
});

describe.for(ROWS)('$check', ({ check: id, about, mends, breaks, ok, fault }) => {
  const check = checkOf(id);
  const subject = aSubject(about);
  let bench: Bench;
  beforeEach(async () => {
    bench = await startBench(makeWorld());
  });
  afterEach(() => bench.stop());

  test('passes, and says what it found', async () => {
    mends?.(bench.google.world);
    const { reading } = await runCheck(check, subject, bench.api());
    expect(reading).toMatchObject({ kind: 'ok', found: expect.stringMatching(ok) });
  });

  test('finds the fault', async () => {
    breaks?.(bench.google.world);
    const { reading } = await runCheck(check, subject, bench.api());
    expect(reading).toMatchObject({ kind: 'fault', found: expect.stringMatching(fault) });
    expect(reading.expected).not.toBe('');
  });

  test('says both in Chinese too', async () => {
    const before = (await runCheck(check, subject, bench.api())).said;
    (mends ?? breaks)?.(bench.google.world);
    const after = (await runCheck(check, subject, bench.api())).said;
    for (const { expected, found } of [before, after]) {
      expect(expected.zhCn).toMatch(/\p{Script=Han}/u);
      for (const { zhCn } of [expected, found]) expect(zhCn).not.toMatch(/\{|[a-z]{2,}(?: [a-z]{2,}){3,}/);
    }
    // What passes may be a name or a command; what fails is a sentence.
    const faults = [before, after].filter(({ kind }) => kind === 'fault');
    for (const { found } of faults) expect(found.zhCn).toMatch(/\p{Script=Han}/u);
    expect(faults.length).toBeGreaterThan(0);
  });

  test('a 403 names a permission that the check declares', async () => {
    bench.google.before = TROUBLES.refused;
    const { reading } = await runCheck(check, subject, bench.api());
    expect(reading.kind).toBe('unreadable');
    expect(check.permissions).toContain(/needs (\S+)$/.exec(reading.found)?.[1]);
  });

  test.for(['absent', 'unknownForm', 'malformed', 'busy', 'quota'] as const)(
    '%s is unreadable',
    async (trouble) => {
      bench.google.before = TROUBLES[trouble];
      const { reading } = await runCheck(check, subject, bench.api());
      expect(reading.kind).toBe('unreadable');
      expect(reading.found).not.toBe('');
    },
  );

  test('no answer in time is unreadable', async () => {
    bench.google.before = TROUBLES.silence;
    const { reading } = await runCheck(check, subject, bench.api({ timeoutMs: 40, triesMax: 1 }));
    expect(reading).toMatchObject({
      kind: 'unreadable',
      found: expect.stringContaining('no answer in time'),
    });
  });

  test('429 and then the answer: the verdict is the same', async () => {
    mends?.(bench.google.world);
    bench.google.before = onceEach(TROUBLES.busy);
    const { reading } = await runCheck(check, subject, bench.api());
    expect(reading).toMatchObject({ kind: 'ok', found: expect.stringMatching(ok) });
  });
});

describe('more of single checks', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await startBench(makeWorld());
  });
  afterEach(() => bench.stop());
  const run = async (id: string, about: Partial<Subject> = {}) =>
    (await runCheck(checkOf(id), aSubject(about), bench.api())).reading;

  test('no rule at all is said as such', async () => {
    bench.google.world.forwardingRules.splice(0);
    expect(await run('forwarding-rules')).toMatchObject({
      kind: 'fault',
      found: 'no rule names prod-vpc; there is no INTERNAL_SELF_MANAGED rule at all',
    });
  });

  test('a scope of a managed mesh can be found in no list', async () => {
    const reading = await run('meshes', { fields: { kind: 'scope', name: 'gsmrsvd-abc' } });
    expect(reading).toMatchObject({ kind: 'unreadable', found: expect.stringContaining('managed mesh') });
  });

  test('an allowing rule of a higher priority beats the denial, an equal one does not', async () => {
    const { firewalls } = bench.google.world;
    const rule = {
      network: 'default',
      protocols: [{ IPProtocol: 'tcp', ports: ['400-500'] }],
      destinationRanges: ['0.0.0.0/0'],
    };
    firewalls.push({ ...rule, name: 'no', priority: 1000, action: 'denied' });
    firewalls.push({ ...rule, name: 'yes', priority: 1000, action: 'allowed' });
    expect((await run('egress-firewall')).kind).toBe('fault');
    firewalls.push({ ...rule, name: 'surely', priority: 999, action: 'allowed' });
    expect(await run('egress-firewall')).toMatchObject({
      kind: 'ok',
      found: 'rule surely (priority 999) allows tcp:443',
    });
  });

  test.for([
    ['another network', { network: 'other' }],
    ['another port', { protocols: [{ IPProtocol: 'tcp', ports: ['80', '444-500'] }] }],
    ['udp only', { protocols: [{ IPProtocol: 'udp' }] }],
    ['another range', { destinationRanges: ['10.0.0.0/8'] }],
    ['other tags', { targetTags: ['db'] }],
    ['switched off', { disabled: true }],
  ] satisfies [string, Partial<WorldFirewall>][])(
    'a denial for %s does not concern the VM',
    async ([, changes]) => {
      const rule: WorldFirewall = {
        name: 'deny',
        network: 'default',
        priority: 1,
        action: 'denied',
        protocols: [{ IPProtocol: 'all' }],
        destinationRanges: ['0.0.0.0/0'],
      };
      bench.google.world.firewalls.push({ ...rule, ...changes });
      expect((await run('egress-firewall')).kind).toBe('ok');
    },
  );

  test('a regional group gets its region in the command', async () => {
    const { world } = bench.google;
    first(world).createdBy = 'projects/1/regions/europe-west3/instanceGroupManagers/checkout';
    world.groupManagers.push({ name: 'checkout', place: 'regions/europe-west3' });
    expect((await run('instance-group')).found).toMatch(
      /recreate-instances checkout .*--region=europe-west3/,
    );
  });

  test('a VM that nobody’s group made is a fault of its own', async () => {
    first(bench.google.world).createdBy = '';
    expect((await run('instance-group')).found).toMatch(/^no group made checkout-0000/);
  });

  test('98 of 100 sick is not yet the 99 % rule', async () => {
    const [service] = bench.google.world.backendServices;
    if (service !== undefined) service.groups = [{ group: 'catalog', healthy: 2, total: 100 }];
    expect((await run('backend-health')).found).toBe('catalog-service: 98 of 100 endpoints unhealthy');
  });

  test('load reports need the other permission', async () => {
    const about = { pattern: 'permission-denied', fields: {} };
    expect((await run('project-policy', { ...about, method: 'StreamLoadStats' })).expected).toMatch(
      /reportMetrics$/,
    );
    expect((await run('project-policy', about)).expected).toMatch(/getConfigs$/);
  });

  test('a role under a condition is nobody’s to judge', async () => {
    for (const binding of bench.google.world.bindings) binding.condition = { title: 'until Friday' };
    expect((await run('project-policy')).kind).toBe('unreadable');
  });

  test('names out of log lines never become paths', async () => {
    const evil = {
      ...proxyOf({ name: '../../x?y=1', id: '../../firewalls', zone: 'europe-west3-b', group: '' }),
    };
    const subject = aSubject({ proxies: [evil], meshProject: 'a/../../b' });
    expect(checksOf(subject)).toEqual([]);
  });

  test('of many VMs ten are asked, and it says so', async () => {
    const vms = planVms(12);
    const many = await startBench(makeWorld(vms));
    const subject = aSubject({ pattern: 'stale-heartbeat' }, vms);
    const { reading, asked } = await runCheck(checkOf('guest-attributes'), subject, many.api());
    await many.stop();
    expect(asked).toHaveLength(10);
    expect(reading.found).toMatch(/\(10 of 12 VMs asked\)$/);
  });

  test('what an agent says is redacted before anybody is told of it', async () => {
    const vms = planVms(1);
    const world = makeWorld(vms);
    first(world).guestAttributes['agent-last-failure'] = 'password=hunter2hunter2 by jane.doe@example.com';
    const leaky = await startBench(world);
    const subject = aSubject({ pattern: 'agent-failure' }, vms);
    const { reading } = await runCheck(checkOf('guest-attributes'), subject, leaky.api());
    await leaky.stop();
    expect(reading.kind).toBe('fault');
    expect(JSON.stringify(reading)).not.toMatch(/hunter2|jane/);
  });

  test('the configuration of Envoy is given as a command, and asks nobody', async () => {
    const { reading, asked } = await runCheck(checkOf('envoy-config'), aSubject(), bench.api());
    expect(asked).toEqual([]);
    expect(reading.how).toBe(
      `gcloud compute ssh checkout-0000 --zone=europe-west3-b --project=${PROJECT.id} --command='sudo curl -s localhost:15000/config_dump'`,
    );
  });
});
