// The text after `/mesh` → what is asked for. Pure; a text that makes no sense is wrong use, never a guess.

export type MeshCommand =
  | { readonly kind: 'help' }
  | { readonly kind: 'incidents'; readonly which: 'open' | 'all'; readonly filter: string }
  | { readonly kind: 'explain'; readonly line: string }
  | {
      readonly kind: 'silence';
      /** `` = every pattern. */
      readonly pattern: string;
      readonly scope: Readonly<Record<string, string>>;
      /** 0 = from now on; otherwise a maintenance window that begins then. */
      readonly fromMs: number;
      readonly forMs: number;
      readonly reason: string;
    }
  | { readonly kind: 'silences' }
  | { readonly kind: 'end-silence'; readonly id: string }
  | { readonly kind: 'wrong-use'; readonly usage: string };

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A silence longer than this is a fault that nobody wants to hear of: mend it, or let a route take it away. */
export const SILENCE_MAX_MS = 30 * 86_400_000;

const SILENCE_USAGE =
  '/mesh silence PATTERN|all [name=value …] [from 2026-01-31T20:00Z] for 30m|8h|2d because REASON';

/** Slack escapes three characters and makes quotes curly: a log line must arrive as it was written. */
function asTyped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replaceAll(/[\u201C\u201D]/g, '"')
    .replaceAll(/[\u2018\u2019]/g, "'")
    .trim();
}

function durationMs(text: string): number | undefined {
  const match = /^(\d{1,4})([mhd])$/.exec(text);
  const unit = UNIT_MS[match?.[2] ?? ''];
  if (match === null || unit === undefined) return undefined;
  const milliseconds = Number(match[1]) * unit;
  return milliseconds > 0 && milliseconds <= SILENCE_MAX_MS ? milliseconds : undefined;
}

const ISO_MINUTE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)$/;

function readSilence(rest: string): MeshCommand {
  const wrong: MeshCommand = { kind: 'wrong-use', usage: SILENCE_USAGE };
  const [, what = '', fromText, forText = '', reason = ''] =
    /^(.*?)(?:\s+from\s+(\S+))?\s+for\s+(\S+)\s+because\s+(.+)$/s.exec(` ${rest}`) ?? [];
  const [pattern = '', ...pairs] = what.trim().split(/\s+/);
  const forMs = durationMs(forText);
  const fromMs = fromText === undefined ? 0 : ISO_MINUTE.test(fromText) ? Date.parse(fromText) : Number.NaN;
  if (!/^[a-z][a-z-]{1,60}$/.test(pattern) || forMs === undefined || Number.isNaN(fromMs)) return wrong;
  const scope: Record<string, string> = {};
  for (const pair of pairs) {
    const [, name, value] = /^([A-Za-z]\w{0,40})=(\S{1,200})$/.exec(pair) ?? [];
    if (name === undefined || value === undefined) return wrong;
    scope[name] = value;
  }
  return {
    kind: 'silence',
    pattern: pattern === 'all' ? '' : pattern,
    scope,
    fromMs,
    forMs,
    reason: reason.trim().slice(0, 200),
  };
}

/** Reads the text of the slash command. */
export function readCommand(given: string): MeshCommand {
  const text = asTyped(given);
  const [, word = '', rest = ''] = /^(\S*)\s*(.*)$/s.exec(text) ?? [];
  switch (word.toLowerCase()) {
    case '':
    case 'help':
      return { kind: 'help' };
    case 'incidents': {
      const words = rest.split(/\s+/).filter((part) => part !== '');
      const which = words[0] === 'all' ? 'all' : 'open';
      const filter = words[0] === 'all' || words[0] === 'open' ? words.slice(1) : words;
      return { kind: 'incidents', which, filter: filter.join(' ') };
    }
    case 'explain':
      return rest === ''
        ? { kind: 'wrong-use', usage: '/mesh explain LINE' }
        : { kind: 'explain', line: rest.replaceAll(/^```|```$|^`|`$/g, '').trim() };
    case 'silence': {
      const [, sub = '', id = ''] = /^(list|end)(?:\s+(\S+))?$/.exec(rest) ?? [];
      if (sub === 'list') return { kind: 'silences' };
      if (sub === 'end')
        return id === '' ? { kind: 'wrong-use', usage: '/mesh silence end ID' } : { kind: 'end-silence', id };
      return readSilence(rest);
    }
    default:
      return { kind: 'wrong-use', usage: '/mesh help' };
  }
}
