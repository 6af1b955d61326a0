// `npm run package`: what runs in production → dist/mesh-triage-HASH.zip, the same bytes from the same sources anywhere.
// In: the sources of this repository. Out: the file, and its SHA-256 and path on stdout, as `sha256sum` prints them.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { zipSync, type Zippable } from 'fflate';
import { z } from 'zod';
import { importsOf, placesBeside } from './imports.ts';
import { strip } from './strip.ts';

/** What the functions framework loads: everything that runs is imported from here. */
const ENTRY = 'functions/index.ts';

/** What `npm ci` needs beside the sources, as it is: the lock file fits no other package.json. */
const MANIFESTS = ['package-lock.json', 'package.json'];

/** Digits of the hash in the file's name. */
const NAME_DIGITS = 16;

/** A plain file that everybody may read, as Unix writes it into a zip. */
const UNIX = 3;
const FILE_MODE = 0o100644 * 2 ** 16;

const COMPRESSION_LEVEL = 9;

/** A zip holds local time without a zone: noon of the same day wherever it is made. */
const fixedTime = (): Date => new Date(1980, 0, 1, 12);

const manifest = z.object({ dependencies: z.record(z.string(), z.string()) });

/** The file itself, or what a folder holds. */
function filesAt(root: string, place: string): readonly string[] {
  return place.endsWith('/') ? readdirSync(join(root, place)).map((name) => `${place}${name}`) : [place];
}

/**
 * Paths of everything that goes into the package, as it stands in the repository, sorted. Throws where a source imports a package that is not among
 * the dependencies: it would be missing after `npm ci --omit=dev`.
 */
export function packageFiles(root: string): readonly string[] {
  const { dependencies } = manifest.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const found = new Set<string>();
  const waiting = [ENTRY];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file)) continue;
    found.add(file);
    if (!file.endsWith('.ts')) continue;
    const source = readFileSync(join(root, file), 'utf8');
    waiting.push(...placesBeside(file, source).flatMap((place) => filesAt(root, place)));
    for (const place of importsOf(file, source)) {
      if (place.startsWith('node:')) continue;
      if (!place.startsWith('npm:')) waiting.push(place);
      else if (dependencies[place.slice('npm:'.length)] === undefined)
        throw new Error(
          `${file} imports ${place.slice('npm:'.length)}, which package.json’s dependencies lack`,
        );
    }
  }
  return [...found, ...MANIFESTS].toSorted();
}

const encoder = new TextEncoder();

/** What stands in the package for a file of the repository, and under which name. */
function packed(root: string, file: string): readonly [name: string, bytes: Uint8Array] {
  const bytes = readFileSync(join(root, file));
  if (file.endsWith('.ts')) {
    const stripped = strip(file, bytes.toString('utf8'));
    return [stripped.file, encoder.encode(stripped.text)];
  }
  // The one change to it: where the entry is now.
  if (file === 'package.json')
    return [file, encoder.encode(bytes.toString('utf8').replace(ENTRY, ENTRY.replace(/\.ts$/, '.js')))];
  return [file, bytes];
}

export interface Package {
  /** `mesh-triage-HASH.zip`: other contents, another name, so that Terraform sees a change and only then. */
  readonly name: string;
  readonly sha256: string;
  readonly bytes: Uint8Array;
  readonly files: readonly string[];
}

/**
 * The zip in memory: fixed order, times and modes. The compression is fflate's own code rather than Node's zlib, whose
 * bytes change from one version of Node to the next.
 */
export function buildPackage(root: string): Package {
  const contents: Zippable = Object.fromEntries(
    packageFiles(root)
      .map((file) => packed(root, file))
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
  const bytes = zipSync(contents, {
    level: COMPRESSION_LEVEL,
    mtime: fixedTime(),
    os: UNIX,
    attrs: FILE_MODE,
  });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return {
    name: `mesh-triage-${sha256.slice(0, NAME_DIGITS)}.zip`,
    sha256,
    bytes,
    files: Object.keys(contents),
  };
}

if (import.meta.main) {
  const root = resolve(import.meta.dirname, '..');
  const { name, sha256, bytes } = buildPackage(root);
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(join(root, 'dist', name), bytes);
  console.log(`${sha256}  dist/${name}`);
}
