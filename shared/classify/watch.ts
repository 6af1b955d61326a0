// A record in, the same record out, with a note of whether anything was looked at that other lines may not share.
// So what a pattern's function answered can be remembered where it follows from what they do share, and only there.
import type { LogRecord } from '#shared/model/record.ts';

/** `project` stands for `proxy.project`. */
export type Common = ReadonlySet<keyof LogRecord | 'project'>;

export interface Watch {
  readonly record: LogRecord;
  /** Whether a property was read that is not in `common`. */
  readonly isPersonal: () => boolean;
}

/** Watches one call: every property of the record that is read on the way is held against `common`. */
export function watch(record: LogRecord, common: Common): Watch {
  const shared: ReadonlySet<string | symbol> = common;
  let isPersonal = false;
  const proxy = new Proxy(record.proxy, {
    get: (target, name): unknown => {
      if (name !== 'project' || !shared.has('project')) isPersonal = true;
      return Reflect.get(target, name);
    },
  });
  const watched = new Proxy(record, {
    get: (target, name): unknown => {
      if (name === 'proxy') return proxy;
      if (!shared.has(name)) isPersonal = true;
      return Reflect.get(target, name);
    },
    // Whoever lists or spreads a record looks at all of it.
    ownKeys: (target) => {
      isPersonal = true;
      return Reflect.ownKeys(target);
    },
    has: (target, name) => {
      isPersonal = true;
      return Reflect.has(target, name);
    },
  });
  return { record: watched, isPersonal: () => isPersonal };
}
