// classify: nothing is acknowledged before it is committed, nothing is read for an entry, poison is parked.
import { Buffer } from 'node:buffer';
import { afterEach, describe, expect, test } from 'vitest';
import { connectLazily } from '../../functions/adapters/firestore-calls.ts';
import { createFirestoreStore } from '../../functions/adapters/firestore-store.ts';
import { decode } from '../../functions/adapters/decode.ts';
import {
  BATCH_LIMITS,
  createClassify,
  ENTRY_OVERHEAD_BYTES,
  NUDGE_MS_MAX,
} from '../../functions/classify.ts';
import { StoreRefusal, type Batch, type Decode, type Store } from '../../functions/ports.ts';
import { startFirestore } from '../../infra/local/firestore/server.ts';
import type { ObservedOperation } from '../../infra/local/firestore/observed-operation.ts';
import { anEntry, aPush, entryPush, ROUTINE } from '../fakes/entries.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { T0_MS } from '../fakes/sightings.ts';
import { createFakeClock, createFakeLog, createFakeNudges } from '../fakes/world.ts';

interface Options {
  readonly saveBatch?: Store['saveBatch'];
  readonly decode?: Decode;
}

function setUp(options: Options = {}) {
  const store = createMemoryStore();
  const clock = createFakeClock(T0_MS);
  const nudges = createFakeNudges();
  const log = createFakeLog();
  const classify = createClassify({
    store: { saveBatch: options.saveBatch ?? store.saveBatch },
    nudges,
    decode: options.decode ?? decode,
    clock,
    log,
  });
  return { store, clock, nudges, log, classify };
}

/** A store whose commits the test lets go by hand. */
function gated() {
  const commits: { batch: Batch; finish: (error?: Error) => void }[] = [];
  const saveBatch = (batch: Batch): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    commits.push({ batch, finish: (error) => (error === undefined ? resolve() : reject(error)) });
    return promise;
  };
  return { commits, saveBatch };
}

const idsIn = ({ sightings }: Pick<Batch, 'sightings'>): number =>
  sightings.flatMap(({ slices }) => slices).reduce((sum, { ids }) => sum + ids.length / 8, 0);

test.for([
  [{ backfill: 'quiet' }, true],
  [{ backfill: 'tell' }, undefined],
  [{}, undefined],
] as const)('an entry with the attributes %j makes a sighting with quiet %s', async ([attributes, quiet]) => {
  const { commits, saveBatch } = gated();
  const { classify, clock } = setUp({ saveBatch });
  const body = { message: { attributes, data: Buffer.from(JSON.stringify(anEntry(1))).toString('base64') } };
  const answered = classify(body);
  await clock.settle();
  expect(commits.map(({ batch }) => batch.sightings.map((one) => one.quiet))).toEqual([[quiet]]);
  commits[0]?.finish();
  await answered;
});

test('an entry is acknowledged only after the sighting that holds it is committed', async () => {
  const { commits, saveBatch } = gated();
  const { classify, clock } = setUp({ saveBatch });
  const answers: number[] = [];
  for (const n of [1, 2, 3]) void classify(entryPush(n)).then(({ status }) => answers.push(status));
  await clock.settle();
  expect(answers).toEqual([]);
  commits[0]?.finish();
  await clock.settle();
  expect(answers).toEqual([204]);
  commits[1]?.finish();
  await clock.settle();
  expect(answers).toEqual([204, 204, 204]);
  expect(commits.map(({ batch }) => idsIn(batch))).toEqual([1, 2]);
});

test('entries whose commit fails are refused, those of the next commit are not', async () => {
  const { commits, saveBatch } = gated();
  const { classify, clock, log } = setUp({ saveBatch });
  const lost = classify(entryPush(1));
  await clock.settle();
  const kept = classify(entryPush(2));
  commits[0]?.finish(new Error('UNAVAILABLE'));
  expect((await lost).status).toBe(503);
  await clock.settle();
  commits[1]?.finish();
  expect((await kept).status).toBe(204);
  expect(log.lines).toHaveLength(1);
});

test('findings of one cause are one sighting, routine lines go to the ledger of their project', async () => {
  const { classify, store, nudges } = setUp();
  for (let n = 0; n < 6; n += 1) await classify(entryPush(n, n < 4 ? {} : { message: ROUTINE }));
  const kinds = Map.groupBy(store.sightings.values(), ({ target }) => target.replace(/-[0-9a-f]{16}$/, ''));
  expect([...kinds.keys()].sort()).toEqual(['config-not-found', 'ledger-demo-project']);
  expect(idsIn({ sightings: [...store.sightings.values()] })).toBe(6);
  // Nobody waits for a ledger: only the incident is nudged.
  expect(new Set(nudges.published.map((id) => id.slice(0, 16)))).toEqual(new Set(['config-not-found']));
});

describe('poison', () => {
  const poison: readonly (readonly [string, object])[] = [
    ['push-body', { nonsense: true }],
    ['not-base64', { message: { data: '***' } }],
    ['not-utf8', aPush(new Uint8Array([0xc3, 0x28]))],
    ['not-json', aPush('{"insertId":')],
    ['not-a-log-entry', aPush('[1]')],
    ['no-payload', aPush('{"insertId":"x"}')],
    ['too-large', aPush('x'.repeat(2_000_000))],
  ];

  test.for(poison)('%s is parked with its reason and acknowledged', async ([reason, body]) => {
    const { classify, store } = setUp();
    expect(await classify(body)).toEqual({ status: 204 });
    expect(store.parked.map((one) => one.reason)).toEqual([reason]);
    const [ledger] = store.sightings.values();
    expect(ledger?.slices[0]?.label).toBe(`parked:${reason}`);
  });

  test('a message is parked with where it came from, redacted and bounded', async () => {
    const { classify, store } = setUp();
    const token = `Bearer ya29.${'a'.repeat(40)}`;
    await classify(aPush(`{"authorization": "${token}", ${'x'.repeat(20_000)}`, '77'));
    expect(store.parked[0]).toMatchObject({
      messageId: '77',
      subscription: 'projects/p/subscriptions/log-entries-to-classify',
      publishTime: new Date(T0_MS + 60_000).toISOString(),
    });
    expect(store.parked[0]?.data).not.toContain('ya29.');
    expect(store.parked[0]?.data.length).toBeLessThanOrEqual(8_192);
  });

  test('one among many shares their commit and keeps none of them', async () => {
    const { classify, store, clock } = setUp();
    const bodies = Array.from({ length: 400 }, (_, n) => (n === 200 ? aPush('{') : entryPush(n)));
    const answers = bodies.map((body) => classify(body));
    await clock.advance(BATCH_LIMITS.holdMsMax);
    expect(new Set((await Promise.all(answers)).map(({ status }) => status))).toEqual(new Set([204]));
    expect(store.parked).toHaveLength(1);
    expect(store.operations.writes).toBeLessThanOrEqual(6);
  });

  test('a message that our own code stumbles over is parked, not refused for ever', async () => {
    const decodeBroken = (charsMax: number): Decode => {
      return (base64) => {
        if (base64.length > charsMax) throw new TypeError('a bug that quotes secret text');
        return decode(base64);
      };
    };
    for (const [charsMax, dataChars] of [
      [10_000, 6_144],
      [0, 0],
    ] as const) {
      const { classify, store, log } = setUp({ decode: decodeBroken(charsMax) });
      expect((await classify(aPush('y'.repeat(30_000), '77'))).status).toBe(204);
      expect(store.parked).toEqual([
        expect.objectContaining({ reason: 'internal-error', messageId: '77', dataChars }),
      ]);
      expect(log.lines).toHaveLength(1);
      expect(log.lines[0]).not.toContain('secret');
    }
  });

  test('an entry that the store will never take is parked, and the others of its batch are kept', async () => {
    const memory = createMemoryStore();
    const { classify, clock } = setUp({
      saveBatch: (batch) =>
        batch.sightings.some(({ scope }) => scope['network'] === 'poison')
          ? Promise.reject(new StoreRefusal('INVALID_ARGUMENT'))
          : memory.saveBatch(batch),
    });
    const poisoned = 'Traffic Director configuration was not found for network "poison" in project "1".';
    const answers = Array.from({ length: 40 }, (_, n) =>
      classify(entryPush(n, n === 17 ? { message: poisoned } : {})),
    );
    await clock.advance(BATCH_LIMITS.holdMsMax);
    expect((await Promise.all(answers)).every(({ status }) => status === 204)).toBe(true);
    expect(memory.parked.map(({ reason, messageId }) => [reason, messageId])).toEqual([
      ['internal-error', '17'],
    ]);
    const counted = [...memory.sightings.values()].filter(({ kind }) => kind === 'incident');
    expect(idsIn({ sightings: counted })).toBe(39);
  });
});

describe('backpressure', () => {
  test.for([
    [BATCH_LIMITS.waitingMax - 1, 204],
    [BATCH_LIMITS.waitingMax, 429],
    [BATCH_LIMITS.waitingMax + 1, 429],
  ] as const)('with %i entries in memory the next one is answered %i', async ([count, status]) => {
    const { commits, saveBatch } = gated();
    const { classify, clock } = setUp({ saveBatch });
    const all = Array.from({ length: count }, (_, n) => classify(entryPush(n)));
    await clock.settle();
    const last = classify(entryPush(count));
    while (commits.some((commit) => commit.batch !== undefined)) {
      const open = commits.splice(0);
      for (const { finish } of open) finish();
      await clock.advance(BATCH_LIMITS.holdMsMax);
    }
    expect((await last).status).toBe(status);
    expect((await Promise.all(all)).filter((answer) => answer.status === 429)).toHaveLength(
      Math.max(count - BATCH_LIMITS.waitingMax, 0),
    );
  });

  test('large entries fill the memory by their bytes long before their number does', async () => {
    const { commits, saveBatch } = gated();
    const { classify, clock } = setUp({ saveBatch });
    const body = entryPush(1, { message: 'x'.repeat(180_000) });
    const bytes = ENTRY_OVERHEAD_BYTES + Buffer.from(JSON.stringify(anEntry(1))).length + 240_000;
    const statuses: number[] = [];
    for (let n = 0; n * bytes < 2 * BATCH_LIMITS.waitingBytesMax; n += 1)
      void classify(body).then(({ status }) => statuses.push(status));
    await clock.settle();
    const refused = statuses.filter((status) => status === 429).length;
    expect(refused).toBeGreaterThan(0);
    expect(statuses).toHaveLength(refused);
    while (commits.length > 0) {
      for (const { finish } of commits.splice(0)) finish();
      await clock.advance(BATCH_LIMITS.holdMsMax);
    }
    const taken = statuses.filter((status) => status === 204).length;
    expect(taken * 240_000).toBeLessThanOrEqual(BATCH_LIMITS.waitingBytesMax);
    expect((taken + 2) * (bytes + 2_000)).toBeGreaterThan(BATCH_LIMITS.waitingBytesMax);
  });
});

describe('nudges', () => {
  test('one that fails once is published again', async () => {
    const { classify, nudges } = setUp();
    nudges.next.push(() => Promise.reject(new Error('UNAVAILABLE')));
    expect((await classify(entryPush(1))).status).toBe(204);
    expect(nudges.published).toHaveLength(1);
  });

  test('one that can’t be published costs no entry its acknowledgement', async () => {
    const { classify, nudges, log, store } = setUp();
    nudges.next.push(
      () => Promise.reject(new Error('UNAVAILABLE')),
      () => Promise.reject(new Error('UNAVAILABLE')),
    );
    expect((await classify(entryPush(1))).status).toBe(204);
    expect(store.sightings.size).toBe(1);
    expect(log.lines).toEqual([expect.stringMatching(/^WARNING nudge not published/)]);
  });

  test('one that hangs keeps the entry waiting for its bound, no longer', async () => {
    const { classify, nudges, clock } = setUp();
    nudges.next.push(() => new Promise(() => undefined));
    let status = 0;
    void classify(entryPush(1)).then((answer) => (status = answer.status));
    await clock.advance(NUDGE_MS_MAX - 1);
    expect(status).toBe(0);
    await clock.advance(1);
    expect(status).toBe(204);
  });
});

describe('at the wire', () => {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  test('for an entry Firestore sees one kind of call, a commit that creates, and no transaction', async () => {
    const operations: ObservedOperation[] = [];
    const methods = new Set<string>();
    const server = await startFirestore({
      dataFile: ':memory:',
      port: 0,
      observe: (operation) => operations.push(operation),
      fault: ({ method }) => {
        methods.add(method);
        return { kind: 'none' };
      },
    });
    closers.push(() => server.close());
    process.env['METADATA_SERVER_DETECTION'] ??= 'none';
    process.env['FIRESTORE_EMULATOR_HOST'] = `${server.host}:${server.port}`;
    const store = createFirestoreStore({
      db: connectLazily({ project: 'wire', database: '(default)' }),
      nowMs: () => T0_MS,
    });
    const { classify, clock } = setUp({ saveBatch: store.saveBatch });
    const answers = Array.from({ length: 200 }, (_, n) =>
      classify(n % 50 === 0 ? aPush('{') : entryPush(n, n % 2 === 0 ? {} : { message: ROUTINE })),
    );
    let done = false;
    const all = Promise.all(answers).finally(() => (done = true));
    while (!done) await clock.advance(BATCH_LIMITS.holdMsMax);
    expect(new Set((await all).map(({ status }) => status))).toEqual(new Set([204]));
    expect([...methods]).toEqual(['Commit']);
    expect(new Set(operations.map(({ kind }) => kind))).toEqual(new Set(['write']));
    expect(operations.length).toBeLessThanOrEqual(12);
  });
});
