// The input of a command: files or stdin, in any of the three forms, as items with their intake. Streams; never throws on content.
import { createReadStream, statSync } from 'node:fs';
import { TextDecoder } from 'node:util';
import { createInputReader, type InputItem } from '#shared/intake/input.ts';
import { intakeLine } from '#shared/intake/line-entry.ts';
import { intakeJson } from '#shared/intake/log-entry.ts';
import type { LogRecord, Unreadable } from '#shared/model/record.ts';
import { UsageError } from './usage-error.ts';

/** One input line or entry, read. */
export type ReadItem =
  | { readonly kind: 'blank'; readonly line: number }
  | { readonly kind: 'record'; readonly line: number; readonly record: LogRecord }
  | { readonly kind: 'unreadable'; readonly line: number; readonly unreadable: Unreadable };

function readItem(item: InputItem, at: { readonly file: string; readonly nowMs: number }): ReadItem {
  const { line } = item;
  const publishTimeMs = at.nowMs;
  switch (item.kind) {
    case 'blank':
      return { kind: 'blank', line };
    case 'text': {
      const intake = intakeLine(item.text, { publishTimeMs, identity: `${at.file}:${line}` });
      return intake.kind === 'record'
        ? { kind: 'record', line, record: intake.record }
        : { kind: 'unreadable', line, unreadable: intake };
    }
    case 'json': {
      const intake = intakeJson(item.text, { publishTimeMs });
      return intake.kind === 'record'
        ? { kind: 'record', line, record: intake.record }
        : { kind: 'unreadable', line, unreadable: intake };
    }
    case 'too-long': {
      const intake = intakeJson(item.head.padEnd(item.chars), { publishTimeMs });
      const unreadable: Unreadable =
        intake.kind === 'unreadable'
          ? intake
          : {
              kind: 'unreadable',
              reason: 'too-large',
              detail: `${item.chars} characters`,
              idHigh: 0,
              idLow: line,
            };
      return { kind: 'unreadable', line, unreadable: { ...unreadable, reason: 'too-large' } };
    }
  }
}

function open(file: string): AsyncIterable<unknown> {
  if (file === '-') return process.stdin;
  try {
    if (statSync(file).isDirectory()) throw new Error('it is a directory');
    return createReadStream(file);
  } catch (error) {
    throw new UsageError(`can't read ${file}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** Every line or entry of these files, in order; `-` is stdin. Throws UsageError for a file that can't be read. */
export async function* readInput(files: readonly string[], nowMs: number): AsyncGenerator<ReadItem> {
  for (const file of files) {
    const reader = createInputReader();
    const decoder = new TextDecoder();
    const read = function* (items: readonly InputItem[]): Generator<ReadItem> {
      for (const item of items) yield readItem(item, { file, nowMs });
    };
    for await (const chunk of open(file))
      yield* read(
        reader.push(chunk instanceof Uint8Array ? decoder.decode(chunk, { stream: true }) : String(chunk)),
      );
    yield* read(reader.push(decoder.decode()));
    yield* read(reader.end());
  }
}
