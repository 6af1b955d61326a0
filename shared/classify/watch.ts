// A record in, the same record out, with a note of whether anything was looked at that its text and its writer leave open.
// So a verdict can be remembered where it follows from what many lines share, and only there.
import type { LogRecord } from '#shared/model/record.ts';

/** What the lines of one LastVerdict share; of the proxy, they share the project. */
const SHARED: ReadonlySet<string | symbol> = new Set<keyof LogRecord>([
  'text',
  'level',
  'source',
  'component',
  'bare',
  'access',
  'attributes',
]);

export interface Watch {
  readonly record: LogRecord;
  /** Whether anything else was read. */
  readonly isPersonal: () => boolean;
}

/** Watches what is read of a record from now on. */
export function watch(record: LogRecord): Watch {
  let isPersonal = false;
  const watched = <Part extends object>(part: Part, isShared: (name: string | symbol) => boolean): Part =>
    new Proxy(part, {
      get: (target, name): unknown => {
        if (!isShared(name)) isPersonal = true;
        return Reflect.get(target, name);
      },
      // Whoever lists or spreads it looks at all of it.
      ownKeys: (target) => {
        isPersonal = true;
        return Reflect.ownKeys(target);
      },
    });
  const proxy = watched(record.proxy, (name) => name === 'project');
  return {
    record: watched({ ...record, proxy }, (name) => name === 'proxy' || SHARED.has(name)),
    isPersonal: () => isPersonal,
  };
}
