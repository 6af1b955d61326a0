// A store in memory that keeps the contract of ports.Store: what the tests of the functions stand on.
// In: faults to come, if any. Out: the store, what it holds, and how often it was read and written.
import type { Advance } from '#shared/incident/lifecycle.ts';
import { changedEpisodes, episodeId } from '#shared/model/episode.ts';
import type { Day, Episode } from '#shared/model/history.ts';
import type { Incident, Ledger, TimelineEntry } from '#shared/model/incident.ts';
import type { HourPlace, HourToRoll, RolledEnds, RollUpChange } from '#shared/model/roll-up.ts';
import type { ParkedMessage, Sighting } from '#shared/model/sighting.ts';
import {
  StoreRefusal,
  type Batch,
  type FoldChange,
  type FoldTransaction,
  type PageKind,
  type RollUps,
  type Store,
  type StoredHour,
} from '../../functions/ports.ts';

/** What is to go wrong with the next calls: before they take effect, or after it. */
type StoreFault = 'before' | 'after';

/** Firestore's bound for one document. */
const DOCUMENT_BYTES_MAX = 1_048_576;

/** Everything of one incident or ledger. */
interface Shelf {
  incident: Incident | undefined;
  ledger: Ledger | undefined;
  readonly hours: Map<number, StoredHour>;
  readonly ids: Map<string, Uint8Array>;
  readonly proxies: Map<string, Uint8Array>;
  readonly minutes: Map<number, number>;
  readonly timeline: TimelineEntry[];
}

/** Billed operations, as Firestore counts them. */
interface Operations {
  reads: number;
  writes: number;
  deletes: number;
}

/** What can go wrong. */
type Method = keyof Store | keyof RollUps;

export interface MemoryStore extends Store, RollUps {
  readonly episodes: ReadonlyMap<string, Episode>;
  readonly days: ReadonlyMap<number, Day>;
  readonly sightings: ReadonlyMap<string, Sighting>;
  readonly parked: readonly ParkedMessage[];
  readonly shelf: (target: string) => Shelf;
  readonly operations: Operations;
  /** The next calls of this method go wrong in this way, one after the other. */
  readonly breakNext: (method: Method, ...faults: readonly StoreFault[]) => void;
  /** The bytes of the largest document and of the largest transaction so far. */
  readonly largest: { document: number; transaction: number };
}

const newShelf = (): Shelf => ({
  incident: undefined,
  ledger: undefined,
  hours: new Map(),
  ids: new Map(),
  proxies: new Map(),
  minutes: new Map(),
  timeline: [],
});

const hourBytes = (hour: StoredHour): number =>
  [...hour.minutes.values()].reduce((sum, ids) => sum + ids.length, 0);

const sightingBytes = ({ slices, proxyIds, samples }: Sighting): number =>
  slices.reduce((sum, { ids }) => sum + ids.length, 0) +
  proxyIds.length +
  samples.reduce((sum, { message }) => sum + message.length, 0);

class Memory {
  readonly sightings = new Map<string, Sighting>();
  readonly parked: ParkedMessage[] = [];
  readonly shelves = new Map<string, Shelf>();
  readonly episodes = new Map<string, Episode>();
  readonly days = new Map<number, Day>();
  /** What waits to be rolled up, and what was: by the name that its document would have. */
  readonly hoursToRoll = new Map<string, HourPlace>();
  readonly episodesToRoll = new Set<string>();
  readonly rolledHours = new Map<string, ReadonlyMap<number, number>>();
  readonly rolledEnds = new Map<string, RolledEnds>();
  readonly operations: Operations = { reads: 0, writes: 0, deletes: 0 };
  readonly largest = { document: 0, transaction: 0 };
  readonly #faults = new Map<Method, StoreFault[]>();
  /** Transactions take turns: the simplest way of being serialisable. */
  #turn: Promise<unknown> = Promise.resolve();
  #ids = 0;

  breakNext(method: Method, faults: readonly StoreFault[]): void {
    this.#faults.set(method, [...(this.#faults.get(method) ?? []), ...faults]);
  }

  shelf(target: string): Shelf {
    const shelf = this.shelves.get(target) ?? newShelf();
    this.shelves.set(target, shelf);
    return shelf;
  }

  /** Runs a call that may be broken; like Firestore it answers later, never at once. */
  async call<Result>(method: Method, work: () => Promise<Result> | Result): Promise<Result> {
    await Promise.resolve();
    const fault = this.#faults.get(method)?.shift();
    if (fault === 'before') throw new Error(`UNAVAILABLE: ${method}, before it took effect`);
    const result = await work();
    if (fault === 'after') throw new Error(`UNAVAILABLE: ${method}, after it took effect`);
    return result;
  }

  inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  save({ sightings, parked }: Batch): void {
    if (sightings.some((one) => sightingBytes(one) > DOCUMENT_BYTES_MAX))
      throw new StoreRefusal('a document is larger than a document may be');
    for (const sighting of sightings) {
      this.#ids += 1;
      // Random ids come in no order.
      this.sightings.set(`${(this.#ids * 7_919) % 10_007}-${this.#ids}`, sighting);
    }
    this.parked.push(...parked);
    this.operations.writes += sightings.length + (parked.length > 0 ? 1 : 0);
  }

  apply(target: string, change: FoldChange): void {
    const shelf = this.shelf(target);
    const hours = [...change.hours];
    const sizes = [...hours.map(hourBytes), ...[...change.idPages.values()].map((page) => page.length)];
    this.largest.document = Math.max(this.largest.document, ...sizes);
    this.largest.transaction = Math.max(
      this.largest.transaction,
      sizes.reduce((sum, size) => sum + size, 0),
    );
    if (change.incident !== undefined) this.writeEpisodes(shelf.incident, change.incident);
    if (change.incident !== undefined) shelf.incident = change.incident;
    if (change.ledger !== undefined) shelf.ledger = change.ledger;
    for (const hour of hours) shelf.hours.set(hour.hour, hour);
    const removed = [...change.removedIdPages];
    const removedProxies = [...change.removedProxyPages];
    for (const name of removed) shelf.ids.delete(name);
    for (const [name, page] of change.idPages) shelf.ids.set(name, page);
    for (const name of removedProxies) shelf.proxies.delete(name);
    for (const [name, page] of change.proxyPages) shelf.proxies.set(name, page);
    for (const [minute, count] of change.minutes) {
      shelf.minutes.set(minute, (shelf.minutes.get(minute) ?? 0) + count);
      const kind = change.ledger === undefined ? 'incident' : 'ledger';
      const place: HourPlace = { kind, target, hour: Math.floor(minute / 60) };
      this.hoursToRoll.set(nameOf(place), place);
    }
    shelf.timeline.push(...change.timeline);
    for (const id of change.folded) this.sightings.delete(id);
    const plots = new Set([...change.minutes.keys()].map((minute) => Math.floor(minute / 60)));
    this.operations.writes +=
      1 + hours.length + change.idPages.size + change.proxyPages.size + plots.size + change.timeline.length;
    this.operations.deletes += removed.length + removedProxies.length + change.folded.length;
  }

  writeEpisodes(before: Incident | undefined, after: Incident): void {
    for (const episode of changedEpisodes(before, after)) {
      const id = episodeId(episode.incident, episode.episode);
      this.episodes.set(id, episode);
      if (episode.acknowledgedAtMs > 0 || episode.resolvedAtMs > 0) this.episodesToRoll.add(id);
      this.operations.writes += 1;
    }
  }

  hourToRoll(place: HourPlace): HourToRoll {
    const { target, hour } = place;
    const ofHour = [...this.shelf(target).minutes].filter(([minute]) => Math.floor(minute / 60) === hour);
    const counts = new Map(ofHour.map(([minute, count]) => [minute % 60, count]));
    return { place, counts, rolled: this.rolledHours.get(nameOf(place)) ?? new Map() };
  }

  applyRollUp({ days, hours, episodes }: RollUpChange): void {
    for (const day of days) this.days.set(day.day, day);
    for (const { place, rolled } of hours) {
      this.rolledHours.set(nameOf(place), rolled);
      this.hoursToRoll.delete(nameOf(place));
    }
    for (const { id, rolled } of episodes) {
      this.rolledEnds.set(id, rolled);
      this.episodesToRoll.delete(id);
    }
    this.operations.writes += days.length + hours.length + episodes.length;
  }

  transaction(target: string, changes: FoldChange[]): FoldTransaction {
    const shelf = this.shelf(target);
    const read = <Value>(count: number, value: Value): Promise<Value> => {
      if (changes.length > 0) throw new Error('reads come before writes');
      this.operations.reads += count;
      return Promise.resolve(value);
    };
    const found = <Key, Value>(map: ReadonlyMap<Key, Value>, keys: readonly Key[]): [Key, Value][] =>
      keys.flatMap((key) => {
        const value = map.get(key);
        return value === undefined ? [] : [[key, value]];
      });
    return {
      incident: () => read(1, shelf.incident),
      ledger: () => read(1, shelf.ledger),
      hours: (hours) =>
        read(
          hours.length,
          found(shelf.hours, hours).map(([, hour]) => hour),
        ),
      pages: (kind: PageKind, names) => read(names.length, new Map(found(shelf[kind], names))),
      write: (change) => {
        changes.push(change);
      },
    };
  }

  advance(id: string, change: (incident: Incident) => Advance | undefined): Incident | undefined {
    const shelf = this.shelves.get(id);
    this.operations.reads += 1;
    if (shelf?.incident === undefined) return undefined;
    const advance = change(shelf.incident);
    if (advance === undefined) return undefined;
    this.writeEpisodes(shelf.incident, advance.incident);
    shelf.incident = advance.incident;
    shelf.timeline.push(...advance.timeline);
    this.operations.writes += 1 + advance.timeline.length;
    return advance.incident;
  }
}

const nameOf = ({ target, hour }: HourPlace): string => `${target}/h${hour}`;

const NOT_ROLLED: RolledEnds = { acknowledged: null, resolved: null };

function rollUpsOf(memory: Memory): RollUps {
  return {
    hoursToRoll: (limit) =>
      memory.call('hoursToRoll', () => [...memory.hoursToRoll.values()].slice(0, limit)),
    episodesToRoll: (limit) =>
      memory.call('episodesToRoll', () => [...memory.episodesToRoll].slice(0, limit)),
    rollUp: (work) =>
      memory.call('rollUp', () =>
        memory.inTurn(async () => {
          const changes: RollUpChange[] = [];
          await work({
            hours: (places) => Promise.resolve(places.map((place) => memory.hourToRoll(place))),
            episodes: (ids) =>
              Promise.resolve(
                ids.flatMap((id) => {
                  const episode = memory.episodes.get(id);
                  const rolled = memory.rolledEnds.get(id) ?? NOT_ROLLED;
                  return episode === undefined ? [] : [{ episode, rolled }];
                }),
              ),
            days: (days) => Promise.resolve(days.flatMap((day) => memory.days.get(day) ?? [])),
            write: (change) => void changes.push(change),
          });
          for (const change of changes) memory.applyRollUp(change);
        }),
      ),
  };
}

/** An empty store. */
export function createMemoryStore(): MemoryStore {
  const memory = new Memory();
  const incidents = (): Incident[] =>
    [...memory.shelves.values()].flatMap(({ incident }) => (incident === undefined ? [] : [incident]));
  const counted = <Value>(found: readonly Value[]): readonly Value[] => {
    memory.operations.reads += Math.max(found.length, 1);
    return found;
  };
  return {
    sightings: memory.sightings,
    parked: memory.parked,
    episodes: memory.episodes,
    days: memory.days,
    ...rollUpsOf(memory),
    shelf: (target) => memory.shelf(target),
    operations: memory.operations,
    largest: memory.largest,
    breakNext: (method, ...faults) => memory.breakNext(method, faults),
    saveBatch: (batch) => memory.call('saveBatch', () => memory.save(batch)),
    waitingFor: (target, limit) =>
      memory.call('waitingFor', () => {
        const waiting = [...memory.sightings].filter(([, sighting]) => sighting.target === target);
        const some = waiting.sort(([one], [other]) => (one < other ? -1 : 1)).slice(0, limit);
        return counted(some.map(([id, sighting]) => ({ id, sighting })));
      }),
    waitingTargets: (limit) =>
      memory.call('waitingTargets', () => {
        const some = counted([...memory.sightings.keys()].sort().slice(0, limit));
        return [...new Set(some.map((id) => memory.sightings.get(id)?.target ?? ''))];
      }),
    fold: (target, work) =>
      memory.call('fold', () =>
        memory.inTurn(async () => {
          const changes: FoldChange[] = [];
          const result = await work(memory.transaction(target.id, changes));
          for (const change of changes) memory.apply(target.id, change);
          return result;
        }),
      ),
    incident: (id) => memory.call('incident', () => counted([memory.shelves.get(id)?.incident])[0]),
    advanceIncident: (id, change) =>
      memory.call('advanceIncident', () => memory.inTurn(async () => memory.advance(id, change))),
    changeIncident: (id, change) =>
      memory.call('changeIncident', () =>
        memory.inTurn(async () =>
          memory.advance(id, (now) => {
            const incident = change(now);
            return incident === undefined ? undefined : { incident, timeline: [] };
          }),
        ),
      ),
    due: (nowMs, limit) =>
      memory.call('due', () =>
        counted(
          incidents()
            .filter(({ lookAtMs }) => lookAtMs > 0 && lookAtMs <= nowMs)
            .sort((a, b) => a.lookAtMs - b.lookAtMs)
            .slice(0, limit)
            .map(({ id }) => id),
        ),
      ),
    explainers: ({ project, patterns, limit }) =>
      memory.call('explainers', () =>
        counted(
          incidents()
            .filter(({ state, pattern }) => state !== 'resolved' && patterns.includes(pattern))
            .filter(({ evidence }) => evidence.projects.includes(project))
            .slice(0, limit)
            .map(({ id, pattern, explainedBy, openedAtMs }) => ({ id, pattern, explainedBy, openedAtMs })),
        ),
      ),
  };
}
