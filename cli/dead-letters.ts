// `dead-letters list` and `dead-letters replay`: what Pub/Sub gave up delivering while something was broken.
// Replaying is safe to repeat: an entry counts once, however often it arrives.
import {
  createPubsubDeadLetters,
  type DeadLetter,
  type DeadLetters,
} from '../functions/adapters/pubsub-dead-letters.ts';
import { redact } from '#shared/intake/redaction.ts';
import type { Command, CommandContext, Flag } from './command.ts';
import { printable, table } from './text.ts';
import { UsageError } from './usage-error.ts';

const LIST_MAX = 1_000;
const HEAD_CHARS_MAX = 120;
const WAIT_SECONDS_MAX = 60;

const queueFlags: Readonly<Record<string, Flag>> = {
  project: {
    type: 'string',
    value: 'ID',
    help: 'project of the subscription (default: GOOGLE_CLOUD_PROJECT)',
  },
  subscription: {
    type: 'string',
    value: 'NAME',
    default: 'log-entries-dead',
    help: 'subscription that holds the dead letters',
  },
  topic: { type: 'string', value: 'NAME', default: 'log-entries', help: 'topic that they are put back into' },
  wait: {
    type: 'string',
    value: 'SECONDS',
    default: '3',
    help: 'a silence of so long means that none is left',
  },
};

function open({ args, values }: CommandContext): DeadLetters {
  const { project, subscription = '', topic = '' } = values;
  if (args.length > 0) throw new UsageError('dead-letters takes flags only');
  if (project === undefined)
    throw new UsageError('no project: give --project ID or set GOOGLE_CLOUD_PROJECT');
  const seconds = Number(values['wait']);
  if (!(seconds > 0 && seconds <= WAIT_SECONDS_MAX))
    throw new UsageError(`--wait takes seconds, more than 0 and at most ${WAIT_SECONDS_MAX}`);
  return createPubsubDeadLetters({ project, subscription, topic, waitMs: seconds * 1_000 });
}

function readLimit(context: CommandContext, most: number): number {
  const limit = Number(context.values['limit']);
  if (!Number.isInteger(limit) || limit < 1 || limit > most)
    throw new UsageError(`--limit takes a whole number from 1 to ${most}`);
  return limit;
}

/** Redacted, for it is shown: a dead letter never went through intake. */
function headOf({ data }: DeadLetter): string {
  return printable(redact(new TextDecoder().decode(data.subarray(0, 4 * HEAD_CHARS_MAX))), HEAD_CHARS_MAX);
}

function toJson(letter: DeadLetter): Readonly<Record<string, unknown>> {
  const { messageId, publishedMs, subscription, deliveries, data } = letter;
  const givenUpAt = new Date(publishedMs).toISOString();
  return { messageId, givenUpAt, subscription, deliveries, bytes: data.length, head: headOf(letter) };
}

function toRow(letter: DeadLetter): readonly string[] {
  const { messageId, publishedMs, deliveries, data } = letter;
  const time = new Date(publishedMs).toISOString().slice(0, 19).replace('T', ' ');
  return [time, String(deliveries), String(data.length), printable(messageId, 40), headOf(letter)];
}

export const deadLettersList: Command = {
  name: 'dead-letters list',
  usage: '',
  summary: 'Entries that Pub/Sub gave up delivering; they stay where they are.',
  flags: {
    ...queueFlags,
    limit: { type: 'string', value: 'N', default: '100', help: `at most so many (up to ${LIST_MAX})` },
  },
  run: async (context) => {
    const limit = readLimit(context, LIST_MAX);
    const queue = open(context);
    const held: DeadLetter[] = [];
    try {
      while (held.length < limit) {
        const letters = await queue.hold();
        if (letters.length === 0) break;
        held.push(...letters);
      }
      const shown = held.slice(0, limit);
      if (context.format === 'json')
        for (const letter of shown) await context.print(JSON.stringify(toJson(letter)));
      else if (shown.length === 0) await context.print('No dead letter.');
      else {
        const head = ['given up (UTC)', 'deliveries', 'bytes', 'message', 'begins with'];
        await context.print(table([head, ...shown.map(toRow)]));
      }
      return 0;
    } finally {
      await queue.release(held);
      await queue.close();
    }
  },
};

/** A line that is drawn over itself in a terminal, and one line at the end elsewhere. */
function createProgress(): { readonly show: (done: number) => void; readonly end: () => void } {
  const { isTTY } = process.stderr;
  return {
    show: (done) => {
      if (isTTY) process.stderr.write(`\r${done} dead letters put back `);
    },
    end: () => {
      if (isTTY) process.stderr.write('\r\u001B[K');
    },
  };
}

/** Puts back, or only counts, one batch after the other until none is left. */
async function drain(queue: DeadLetters, dryRun: boolean): Promise<number> {
  const progress = createProgress();
  const held: DeadLetter[] = [];
  let count = 0;
  try {
    for (;;) {
      const letters = await queue.hold();
      if (letters.length === 0) return count;
      if (dryRun) held.push(...letters);
      else await queue.putBack(letters);
      count += letters.length;
      progress.show(count);
    }
  } finally {
    progress.end();
    await queue.release(held);
  }
}

export const deadLettersReplay: Command = {
  name: 'dead-letters replay',
  usage: '',
  summary: 'Puts them back into their topic, to be classified after all; safe to repeat.',
  flags: { ...queueFlags, 'dry-run': { type: 'boolean', help: 'only says how many there are' } },
  run: async (context) => {
    const dryRun = context.values['dry-run'] === 'true';
    const queue = open(context);
    try {
      const count = await drain(queue, dryRun);
      const { subscription, topic } = context.values;
      await context.print(
        context.format === 'json'
          ? JSON.stringify({ count, dryRun, subscription, topic })
          : `${count} dead letter${count === 1 ? '' : 's'} ${dryRun ? 'would be put' : 'put'} back into ${topic}.`,
      );
      return 0;
    } finally {
      await queue.close();
    }
  },
};
