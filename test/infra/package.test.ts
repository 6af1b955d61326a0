// What is deployed: exactly what runs, and the same bytes whoever packs it, wherever and whenever.
import { execFile } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { buildPackage, packageFiles } from '../../infra/package.ts';
import { strip } from '../../infra/strip.ts';

const root = resolve(import.meta.dirname, '../..');

let copy: string;
beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'mesh-triage-'));
  for (const name of ['functions', 'shared', 'package.json', 'package-lock.json'])
    cpSync(join(root, name), join(copy, name), { recursive: true });
});
afterEach(() => rmSync(copy, { recursive: true, force: true }));

/** The hash of the package as another process makes it. */
async function hashElsewhere(env: Readonly<Record<string, string>>): Promise<string> {
  const script = `import { buildPackage } from ${JSON.stringify(join(root, 'infra/package.ts'))};
    console.log(buildPackage(${JSON.stringify(root)}).sha256);`;
  const args = ['--input-type=module', '--eval', script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...env } });
  return stdout.trim();
}

test('the package holds the functions, what they import, and the two manifests: nothing else', () => {
  const { files, bytes } = buildPackage(root);
  expect(Object.keys(unzipSync(bytes))).toEqual(files);
  expect(files).toEqual(
    packageFiles(root)
      .map((file) => file.replace(/\.ts$/, '.js'))
      .toSorted((one, other) => (one < other ? -1 : 1)),
  );
  const rooms = new Set(files.map((file) => file.split('/')[0]));
  expect(rooms).toEqual(new Set(['functions', 'shared', 'package.json', 'package-lock.json']));
  // What is imported late, what lies beside the code, and every pattern.
  const some = [
    'functions/adapters/cloud-logging.js',
    'functions/history.js',
    'shared/pages/assets/style.css',
  ];
  const patterns = CATALOGUE.map(({ id }) => `shared/patterns/${id}.js`);
  expect(files).toEqual(expect.arrayContaining([...some, ...patterns]));
});

test('the same sources make the same bytes: at another place, with other times and modes, in another time zone', async () => {
  for (const file of packageFiles(copy)) {
    utimesSync(join(copy, file), 1, 1);
    chmodSync(join(copy, file), 0o600);
  }
  const here = buildPackage(root);
  expect(buildPackage(copy).sha256).toBe(here.sha256);
  expect(await hashElsewhere({ TZ: 'Asia/Kathmandu', LC_ALL: 'tr_TR.UTF-8' })).toBe(here.sha256);
  expect(await hashElsewhere({ TZ: 'America/St_Johns' })).toBe(here.sha256);
});

test('what the zip holds is what the sources say, under a name that its hash makes', () => {
  const before = buildPackage(copy);
  expect(before.name).toBe(`mesh-triage-${before.sha256.slice(0, 16)}.zip`);
  appendFileSync(join(copy, 'functions/index.ts'), '// Another word.\n');
  const after = buildPackage(copy);
  expect(after.name).not.toBe(before.name);
  const text = new TextDecoder().decode(unzipSync(after.bytes)['functions/index.js']);
  expect(text.endsWith('// Another word.\n')).toBe(true);
  const { main } = JSON.parse(new TextDecoder().decode(unzipSync(after.bytes)['package.json']));
  expect(main).toBe('functions/index.js');
});

test('a packed source has no types left, every line where it was, and imports by the new names', () => {
  const source = [
    "import { type Kind, made } from '#shared/one.ts';",
    "import type { Other } from './other.ts';",
    "export { more, again } from './more.ts';",
    "const later = () => import('./later.ts');",
    'export function f(a: Kind, b: Other): string { return `${a} ./not.ts ${later} ${b}`; }',
    "const path = './kept.ts';",
  ].join('\n');
  const { file, text } = strip('functions/some.ts', source);
  expect(file).toBe('functions/some.js');
  const lines = text.split('\n').map((line) => line.replaceAll(/\s+/g, ' ').trim());
  expect(lines).toEqual([
    "import { made } from '#shared/one.js';",
    '',
    "export { more, again } from './more.js';",
    "const later = () => import('./later.js');",
    'export function f(a , b ) { return `${a} ./not.ts ${later} ${b}`; }',
    "const path = './kept.ts';",
  ]);
});

test('what a source reads beside the code is packed with it: a file, and all of a folder', () => {
  const before = new Set(packageFiles(copy));
  const read = `readFileSync(new URL('../shared/one.txt', import.meta.url));
    const folder = new URL('../shared/many/', import.meta.url);\n`;
  appendFileSync(join(copy, 'functions/batch.ts'), read);
  mkdirSync(join(copy, 'shared/many'));
  const beside = ['shared/many/a.css', 'shared/many/b.js', 'shared/one.txt'];
  for (const file of beside) writeFileSync(join(copy, file), file);
  expect(packageFiles(copy).filter((file) => !before.has(file))).toEqual(beside);
});

test('a source that imports what production does not install is not packed', () => {
  appendFileSync(join(copy, 'functions/batch.ts'), "import 'fast-check';\n");
  expect(() => buildPackage(copy)).toThrow(
    'functions/batch.ts imports fast-check, which package.json’s dependencies lack',
  );
});
