// Commands that people paste into a shell: what a log line says must never become a command of its own.

const SAFE = /^[A-Za-z0-9_@%+=:,./-]+$/;

/**
 * One shell word: as it is where every character is harmless, otherwise in single quotes. Control and invisible
 * characters become blanks, and leading dashes go, so that no value turns into an option.
 */
export function quote(value: string): string {
  const word = value.replace(/^-+/, '').slice(0, WORD_CHARS_MAX);
  if (SAFE.test(word)) return word;
  const printable = word.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');
  return `'${printable.replaceAll("'", String.raw`'\''`)}'`;
}

/** A value longer than this is no name of anything; it is cut. */
export const WORD_CHARS_MAX = 200;

/** Template for a command: every inserted value becomes (part of) one shell word, so never put it inside quotes. */
export function sh(strings: TemplateStringsArray, ...values: readonly string[]): string {
  return strings.reduce((text, part, index) => `${text}${quote(values[index - 1] ?? '')}${part}`);
}

/** The name of a region; a zone has one letter more. */
const REGION = /^[a-z]{1,30}-[a-z]{1,30}\d{1,3}$/;

/**
 * The command that has a managed instance group make one of its VMs anew. `place` is the zone or the region of the group:
 * a regional group is not found by a zone.
 */
export function recreateCommand(of: {
  readonly group: string;
  readonly instance: string;
  readonly place: string;
  readonly project: string;
}): string {
  const { group, instance, place, project } = of;
  const [kind, name] = REGION.test(place) ? ['--region', place] : ['--zone', place];
  return `${sh`gcloud compute instance-groups managed recreate-instances ${group} --instances=${instance}`} ${kind}=${quote(name)} ${sh`--project=${project}`}`;
}

/** The value, or an upper-case placeholder that a person recognises as one. */
export function or(value: string | undefined, placeholder: string): string {
  return value === undefined || value === '' ? placeholder : value;
}
