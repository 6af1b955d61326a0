// Which room may import which: the table, and the check that holds every import against it.
// In: the source files of a folder. Out: one line per forbidden import; exit code 1 where there is any.
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { importsOf } from '../infra/imports.ts';

interface Room {
  /** Files of the room: a path prefix, or an exact file; the first room that fits a file is its room. */
  readonly files: readonly string[];
  /** What its files may import: path prefixes of the repository, `npm:NAME`, `npm:*`, `node:*`. */
  readonly may: readonly string[];
  /** What they may not, although `may` covers it. */
  readonly mayNot?: readonly string[];
}

/** The first matching row decides. Every arrow runs down: nothing above imports what stands below it. */
export const ROOMS: Readonly<Record<string, Room>> = {
  model: { files: ['shared/model/'], may: ['shared/model/'] },
  intake: { files: ['shared/intake/'], may: ['shared/model/', 'shared/intake/', 'npm:zod'] },
  // A user's pattern is outside data, and its expression must run in linear time: hence zod and re2js.
  'user-pattern': {
    files: ['shared/patterns/user-pattern.ts'],
    may: ['shared/model/', 'shared/patterns/', 'npm:zod', 'npm:re2js'],
  },
  patterns: { files: ['shared/patterns/'], may: ['shared/model/', 'shared/patterns/'] },
  key: { files: ['shared/incident/key.ts'], may: ['shared/model/'] },
  classify: {
    files: ['shared/classify/'],
    may: ['shared/model/', 'shared/patterns/', 'shared/incident/key.ts', 'shared/classify/'],
  },
  tally: {
    files: ['shared/tally/'],
    may: ['shared/model/', 'shared/patterns/', 'shared/incident/key.ts', 'shared/tally/'],
  },
  incident: {
    files: ['shared/incident/'],
    may: ['shared/model/', 'shared/patterns/', 'shared/incident/'],
  },
  diagnose: {
    files: ['shared/diagnose/'],
    may: [
      'shared/model/',
      'shared/patterns/',
      'shared/incident/key.ts',
      'shared/diagnose/',
      // Guest attributes come from outside as lines do: nobody is told of a secret in them.
      'shared/intake/redaction.ts',
    ],
  },
  notify: {
    files: ['shared/notify/'],
    may: ['shared/model/', 'shared/patterns/', 'shared/incident/key.ts', 'shared/notify/'],
  },
  pages: {
    files: ['shared/pages/'],
    may: [
      'shared/model/',
      'shared/patterns/',
      'shared/incident/key.ts',
      'shared/pages/',
      // An incident has one name, one cause, one remedy and one link to its logs, in Slack and on the pages.
      'shared/notify/words.ts',
      'shared/notify/logs-link.ts',
      'shared/notify/slack-text.ts',
      'shared/notify/texts/texts.ts',
    ],
  },
  config: { files: ['functions/config.ts'], may: ['shared/model/', 'npm:zod'] },
  adapters: {
    files: ['functions/adapters/'],
    may: [
      'shared/model/',
      'functions/ports.ts',
      'functions/slack-port.ts',
      'node:*',
      'npm:zod',
      'npm:@google-cloud/*',
      // What Google's clients take credentials from, for a stand-in.
      'npm:@grpc/grpc-js',
      'npm:@slack/*',
      'npm:google-auth-library',
    ],
  },
  wiring: {
    files: ['functions/index.ts'],
    may: ['shared/', 'functions/', 'npm:@google-cloud/functions-framework'],
  },
  functions: {
    files: ['functions/'],
    may: ['shared/', 'functions/'],
    // Never an SDK, never an adapter: what the world does comes in through the ports.
    mayNot: ['functions/adapters/', 'functions/index.ts', 'functions/config.ts'],
  },
  cli: {
    files: ['cli/'],
    may: ['shared/', 'functions/adapters/', 'functions/config.ts', 'functions/ports.ts', 'cli/', 'node:*'],
  },
  local: {
    files: ['infra/local/'],
    // The splitter of input is the one thing shared with the command line: two would disagree about what an entry is.
    may: ['shared/model/', 'shared/intake/input.ts', 'infra/local/', 'node:*', 'npm:*'],
  },
  // What is deployed and how: the package follows the imports of the functions, and takes no part of them itself.
  package: {
    files: ['infra/'],
    may: ['infra/imports.ts', 'infra/strip.ts', 'node:*', 'npm:fflate', 'npm:oxc-parser', 'npm:zod'],
  },
  test: { files: ['test/', 'oxlint.config.ts', 'vitest.config.ts'], may: ['', 'node:*', 'npm:*'] },
};

/** A file of an adapter may hold one SDK: these count as SDKs. */
const SDK = /^npm:(?:(?:@google-cloud|@slack)\/|google-auth-library$)/;

function roomOf(file: string): [string, Room] | undefined {
  return Object.entries(ROOMS).find(([, room]) => room.files.some((prefix) => file.startsWith(prefix)));
}

/** The outside system that a file of an adapter is about: `firestore` for `firestore-store.ts`. */
const systemOf = (file: string): string | undefined => /^functions\/adapters\/([a-z]+)/.exec(file)?.[1];

function allowed(room: Room, file: string, to: string): boolean {
  if (room.mayNot?.some((rule) => to.startsWith(rule))) return false;
  // One outside system may take several files; they are one adapter.
  if (systemOf(file) !== undefined && systemOf(file) === systemOf(to)) return true;
  return room.may.some((rule) => {
    if (rule.endsWith('*')) return to.startsWith(rule.slice(0, -1));
    if (rule.startsWith('npm:')) return to === rule;
    return !to.startsWith('npm:') && !to.startsWith('node:') && to.startsWith(rule);
  });
}

/** One line per forbidden import of one file; `file` is relative to the repository's root. */
export function checkFile(file: string, source: string): string[] {
  const found = roomOf(file);
  if (found === undefined) return [`${file}: belongs to no room of test/rooms.ts`];
  const [name, room] = found;
  const targets = importsOf(file, source);
  const bad = targets
    .filter((to) => !allowed(room, file, to))
    .map((to) => `${file}: room «${name}» may not import ${to}`);
  const sdks = new Set(targets.filter((to) => SDK.test(to)));
  if (name === 'adapters' && sdks.size > 1)
    bad.push(`${file}: an adapter holds one SDK, not ${[...sdks].join(' and ')}`);
  return bad;
}

if (import.meta.main) {
  const root = resolve(import.meta.dirname, '..');
  const files = globSync(['{cli,functions,infra,shared,test}/**/*.ts', '*.config.ts'], { cwd: root });
  const bad = files.flatMap((file) => checkFile(file, readFileSync(join(root, file), 'utf8')));
  for (const line of bad) console.error(line);
  console.log(`rooms: ${files.length} files, ${bad.length} forbidden imports`);
  process.exitCode = bad.length === 0 ? 0 : 1;
}
