// What the one-machine run shows: incidents as they open and change, a progress bar, the summary. Text only.
import type { FirestoreOperations } from './services.ts';
import { heldBackAs, type SeenIncident, type View } from './view.ts';

/** The summary object of `--format json`, and what the text form is made of. */
export interface Summary {
  readonly published: number;
  readonly entries: number;
  readonly counted: number;
  readonly routine: number;
  readonly ignored: number;
  readonly unrecognised: number;
  readonly parked: number;
  readonly incidents: readonly {
    readonly id: string;
    readonly pattern: string;
    readonly status: string;
    readonly episode: number;
    readonly count: number;
    readonly proxies: number;
    readonly scope: Readonly<Record<string, string>>;
  }[];
  readonly slack: { readonly posts: number; readonly updates: number; readonly replies: number };
  /** Billed operations of this run, the looks of this table among the reads; null where the server does not tell. */
  readonly firestore: { readonly reads: number; readonly writes: number; readonly deletes: number } | null;
  readonly wallSeconds: number;
}

const sum = (incidents: readonly SeenIncident[], read: (incident: SeenIncident) => number): number =>
  incidents.reduce((total, incident) => total + read(incident), 0);

/** `before` is what Slack had been told when this run began: only this run's messages are reported. */
export function summarise(
  view: View,
  before: View,
  run: {
    readonly published: number;
    readonly entries: number;
    readonly wallSeconds: number;
    readonly operations: FirestoreOperations | undefined;
  },
): Summary {
  const { operations } = run;
  const known = view.incidents.filter(({ pattern }) => pattern !== 'unrecognised');
  const told = (read: (slack: SeenIncident['slack']) => number): number =>
    sum(view.incidents, ({ slack }) => read(slack)) - sum(before.incidents, ({ slack }) => read(slack));
  return {
    published: run.published,
    entries: run.entries,
    counted: sum(known, ({ count }) => count),
    routine: heldBackAs(view, 'routine'),
    ignored: heldBackAs(view, 'ignored'),
    unrecognised: sum(view.incidents, ({ count }) => count) - sum(known, ({ count }) => count),
    parked: heldBackAs(view, 'parked'),
    incidents: view.incidents
      .toSorted((a, b) => b.count - a.count)
      .map(({ id, pattern, state, episode, count, proxyCount, scope }) => ({
        id,
        pattern,
        status: state,
        episode,
        count,
        proxies: proxyCount,
        scope,
      })),
    slack: {
      posts: told(({ posts }) => posts),
      updates: told(({ updates }) => updates),
      replies: told(({ replies }) => replies),
    },
    firestore:
      operations === undefined
        ? null
        : { reads: operations.reads, writes: operations.writes, deletes: operations.deletes },
    wallSeconds: Math.round(run.wallSeconds * 10) / 10,
  };
}

const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '·');

function scopeText(scope: Readonly<Record<string, string>>): string {
  const parts = Object.entries(scope).map(([name, value]) => `${name}=${value}`);
  const text = printable(parts.join(' '));
  return text.length > 70 ? `${text.slice(0, 69)}…` : text;
}

/** One line of the table. */
export function incidentLine(incident: SeenIncident): string {
  const told = incident.slack.posts > 0 ? 'told' : '-';
  return [
    new Date().toISOString().slice(11, 19),
    incident.state.padEnd(12),
    incident.pattern.padEnd(26),
    String(incident.count).padStart(8),
    String(incident.proxyCount).padStart(8),
    told.padEnd(5),
    scopeText(incident.scope),
  ].join('  ');
}

/** What its checks prove, under its line. */
export const conclusionLine = ({ conclusion }: SeenIncident): string =>
  `          ↳ ${printable(conclusion)}`;

export const TABLE_HEAD = [
  'time    ',
  'state       ',
  'pattern                   ',
  ' entries',
  ' proxies',
  'slack',
  'scope',
].join('  ');

/** The summary in words. */
export function summaryText(summary: Summary): string {
  const held = summary.routine + summary.ignored;
  const { firestore } = summary;
  return [
    `${summary.published} messages published, ${summary.entries} distinct entries, in ${summary.wallSeconds} s`,
    `${summary.counted} counted into ${summary.incidents.length} incidents, ${held} held back ` +
      `(${summary.routine} routine, ${summary.ignored} ignored), ${summary.unrecognised} unrecognised, ${summary.parked} parked`,
    `Slack: ${summary.slack.posts} messages, ${summary.slack.updates} edits, ${summary.slack.replies} replies`,
    ...(firestore === null
      ? []
      : [`Firestore: ${firestore.writes} writes, ${firestore.deletes} deletes, ${firestore.reads} reads`]),
  ].join('\n');
}

/** A bar on one line of a terminal; silent where stderr is none. */
export function createProgressBar(total: number | undefined): {
  readonly show: (done: number) => void;
  readonly end: () => void;
} {
  if (!process.stderr.isTTY) return { show: () => undefined, end: () => undefined };
  const width = 30;
  return {
    show: (done) => {
      const full =
        total === undefined || total === 0 ? 0 : Math.round((Math.min(done, total) / total) * width);
      const bar = total === undefined ? '' : `[${'█'.repeat(full)}${'░'.repeat(width - full)}] `;
      process.stderr.write(`\r${bar}${done}${total === undefined ? '' : ` of ${total}`} messages published `);
    },
    end: () => {
      process.stderr.write('\r\u001B[K');
    },
  };
}
