// What telling Slack needs, in memory: a store that can be made to fail at one point, a clock that only moves by hand,
// a Slack that answers what it is told to, and a log that remembers.
import type { Incident, SlackPlace } from '#shared/model/incident.ts';
import type { Silence } from '#shared/model/notification.ts';
import type { Boards, Clock, Log } from '#functions/ports.ts';
import type {
  Slack,
  SlackAnswer,
  SlackContent,
  SlackFound,
  SlackTarget,
  SlackWanted,
} from '#functions/slack-port.ts';
import { emptyBoard, type Board } from '#shared/model/notification.ts';
import { createPace } from '#functions/slack-pace.ts';
import type { SlackSettings, TellNeeds } from '#functions/tell-message.ts';
import { tellSlack, type Told } from '#functions/tell-slack.ts';

export const CHANNEL = 'C000000ALL';

export interface MemoryStore {
  readonly incidents: Map<string, Incident>;
  /** Called before every write; what it throws, the write throws. */
  beforeWrite: (before: Incident, after: Incident) => void;
  readonly ports: TellNeeds['store'];
}

export function memoryStore(incidents: readonly Incident[]): MemoryStore {
  const kept = new Map(incidents.map((incident) => [incident.id, incident]));
  const store: MemoryStore = {
    incidents: kept,
    beforeWrite: () => undefined,
    ports: {
      incident: (id) => Promise.resolve(kept.get(id)),
      changeIncident: (id, change) => {
        const before = kept.get(id);
        const after = before === undefined ? undefined : change(before);
        if (before === undefined || after === undefined) return Promise.resolve(undefined);
        try {
          store.beforeWrite(before, after);
        } catch (error) {
          return Promise.reject(error instanceof Error ? error : new Error(String(error)));
        }
        kept.set(id, after);
        return Promise.resolve(after);
      },
    },
  };
  return store;
}

export interface MemoryBoards {
  read: Boards['read'];
  change: Boards['change'];
  readonly kept: Map<string, Board>;
  /** Boards that were written, each time. */
  readonly writes: Board[];
}

/** Boards as several instances share them. */
export function memoryBoards(): MemoryBoards {
  const kept = new Map<string, Board>();
  const writes: Board[] = [];
  const now = (channel: string): Board => kept.get(channel) ?? emptyBoard(channel);
  return {
    kept,
    writes,
    read: (channel) => Promise.resolve(now(channel)),
    change: (channel, change) => {
      const before = now(channel);
      const after = change(before);
      if (after !== before) {
        kept.set(channel, after);
        writes.push(after);
      }
      return Promise.resolve(after);
    },
  };
}

export interface HandClock extends Clock {
  readonly advance: (milliseconds: number) => void;
}

export function handClock(startMs: number): HandClock {
  let now = startMs;
  return {
    nowMs: () => now,
    wait: () => Promise.resolve(),
    advance: (milliseconds) => {
      now += milliseconds;
    },
  };
}

interface SlackCall {
  readonly method: 'post' | 'update' | 'find';
  readonly channel: string;
  readonly thread: string;
  readonly broadcast: boolean;
  readonly ts: string;
  readonly content: SlackContent | undefined;
  readonly wanted: SlackWanted | undefined;
}

export interface ScriptedSlack {
  readonly calls: SlackCall[];
  /** Answers of the next posts and updates, in order; «sent» once they are used up. */
  readonly answers: SlackAnswer[];
  readonly found: SlackFound[];
  readonly ports: Slack;
}

export function scriptedSlack(clock: Clock): ScriptedSlack {
  const calls: SlackCall[] = [];
  const answers: SlackAnswer[] = [];
  const found: SlackFound[] = [];
  let count = 0;
  const nothing = { thread: '', broadcast: false, ts: '', content: undefined, wanted: undefined };
  const answer = (sent: SlackPlace): SlackAnswer => answers.shift() ?? { kind: 'sent', ...sent };
  return {
    calls,
    answers,
    found,
    ports: {
      post: (target: SlackTarget, content) => {
        calls.push({ ...nothing, method: 'post', ...target, content });
        count += 1;
        const ts = `${Math.floor(clock.nowMs() / 1000)}.${String(count).padStart(6, '0')}`;
        return Promise.resolve(answer({ channel: target.channel, ts }));
      },
      update: (message, content) => {
        calls.push({ ...nothing, method: 'update', ...message, content });
        return Promise.resolve(answer(message));
      },
      find: (target, wanted) => {
        calls.push({ ...nothing, method: 'find', ...target, wanted });
        return Promise.resolve(found.shift() ?? { kind: 'none' });
      },
    },
  };
}

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly facts: Readonly<Record<string, string | number>>;
}

export function memoryLog(): Log & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  return { lines, write: (level, message, facts = {}) => lines.push({ level, message, facts }) };
}

export const SETTINGS: SlackSettings = {
  channel: CHANNEL,
  routes: [],
  language: 'en',
  editAfterMs: 30_000,
};

export interface Scene {
  readonly store: MemoryStore;
  readonly slack: ScriptedSlack;
  readonly clock: HandClock;
  readonly log: ReturnType<typeof memoryLog>;
  readonly silences: Silence[];
  readonly needs: TellNeeds;
  /** The incident as the store holds it now. */
  readonly incident: () => Incident;
  /** Changes the incident behind Slack's back, as folding and people do. */
  readonly change: (change: (incident: Incident) => Incident) => void;
  /** One look of reconcile. */
  readonly look: () => Promise<Told>;
}

/** A scene with one incident that nobody was told of. */
export function scene(incident: Incident, settings: Partial<SlackSettings> = {}): Scene {
  const clock = handClock(incident.evidence.lastSeenMs + 10_000);
  const store = memoryStore([incident]);
  const slack = scriptedSlack(clock);
  const log = memoryLog();
  const silences: Silence[] = [];
  const needs: TellNeeds = {
    store: store.ports,
    slack: slack.ports,
    pace: createPace({ clock, log }),
    notices: { silences: () => Promise.resolve(silences), ledger: () => Promise.resolve(undefined) },
    settings: { ...SETTINGS, ...settings },
    quietAfterMs: () => 24 * 3_600_000,
    clock,
    log,
  };
  const now = (): Incident => {
    const found = store.incidents.get(incident.id);
    if (found === undefined) throw new Error('the incident is gone');
    return found;
  };
  return {
    store,
    slack,
    clock,
    log,
    silences,
    needs,
    incident: now,
    change: (change) => store.incidents.set(incident.id, change(now())),
    look: () => tellSlack(needs, now()),
  };
}
