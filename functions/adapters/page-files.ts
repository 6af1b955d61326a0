// The two files that the history's pages load, read once when an instance starts, each with a version from its content.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** One file as it is sent. */
interface PageFile {
  readonly text: string;
  readonly type: string;
  readonly version: string;
}

const folder = new URL('../../shared/pages/assets/', import.meta.url);

function read(name: string, type: string): PageFile {
  const text = readFileSync(new URL(name, folder), 'utf8');
  return { text, type, version: createHash('sha256').update(text).digest('hex').slice(0, 16) };
}

/** Throws where a file is missing: a deploy without them must not start. */
export function readPageFiles(): { readonly style: PageFile; readonly script: PageFile } {
  return {
    style: read('style.css', 'text/css; charset=utf-8'),
    script: read('script.js', 'text/javascript; charset=utf-8'),
  };
}
