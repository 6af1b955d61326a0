// The command line as a person meets it, in a process of its own: wrong use and missing credentials are one line each.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { googleFailureText } from '../../cli/google-failure.ts';

const root = resolve(import.meta.dirname, '../..');
const home = mkdtempSync(join(tmpdir(), 'mesh-triage-'));
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

async function run(args: readonly string[]) {
  const child = spawn(process.execPath, ['cli/main.ts', ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', HOME: home, METADATA_SERVER_DETECTION: 'none' },
  });
  child.stdin.end();
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  child.stdout.resume();
  const [code] = await once(child, 'close');
  return { code: Number(code), said };
}

test.for([
  [
    'a word that is no command',
    ['triage'],
    'mesh-triage: no command «triage». --help lists what there is.\n',
  ],
  [
    'half of a command',
    ['patterns'],
    'mesh-triage: no command «patterns»; there is «patterns list», «patterns test». --help lists what there is.\n',
  ],
  [
    'a flag that is none',
    ['incidents', 'list', '--bogus'],
    "mesh-triage: Unknown option '--bogus'. --help lists what there is.\n",
  ],
] as const)('%s is named, with what there is instead, and ends with 2', async ([, args, said]) => {
  expect(await run(args)).toEqual({ code: 2, said });
});

test.for([
  [['dead-letters', 'list', '--project', 'demo-project']],
  [['backfill', '--since', '1h', '--dry-run', '--project', 'demo-project', '--state', join(home, 'state')]],
] as const)('without credentials %s says how to get them, in one line, and ends with 1', async ([args]) => {
  const { code, said } = await run(args);
  expect(said).toMatch(
    /^mesh-triage: no credentials: «gcloud auth application-default login»[^\n]*[^.]\.\n$/,
  );
  expect(code).toBe(1);
});

describe('what a failed call means', () => {
  const failure = (message: string, code?: number): Error =>
    code === undefined ? new Error(message) : Object.assign(new Error(message), { code });

  test.for([
    [
      failure('7 PERMISSION_DENIED: Missing or insufficient permissions.', 7),
      /^no permission: .*\. Google says: 7 P.*ns$/,
    ],
    [failure('5 NOT_FOUND: The database (default) does not exist', 5), /^it is not there: .*database/],
    [failure('invalid_grant: reauth related error\nat somewhere'), /^no credentials: .* error$/],
  ] as const)('%s', ([error, text]) => {
    expect(googleFailureText(error)).toMatch(text);
  });

  test.for([[failure('a bug of ours')], [failure('no such file', 2)], ['text']] as const)(
    '%s is no call’s failure',
    ([error]) => {
      expect(googleFailureText(error)).toBeUndefined();
    },
  );
});
