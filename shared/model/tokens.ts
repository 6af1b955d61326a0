// The tokens by which the history is searched: what one incident answers to, and what a filter asks for.
// Lower case, deterministic, bounded; whoever writes and whoever asks cuts them the same way.
import type { HistoryFilter } from './history.ts';
import type { Incident } from './incident.ts';

/** Tokens of one incident: each is an entry of every index over them. */
export const TOKENS_MAX = 160;

/** A token is cut at this length; a filter's value too, so that they still meet. */
export const TOKEN_CHARS_MAX = 100;

type Facet = 'project' | 'network' | 'pattern' | 'proxy';

const tokenOf = (text: string): string => text.toLowerCase().slice(0, TOKEN_CHARS_MAX);
const facetOf = (facet: Facet, value: string): string => tokenOf(`${facet}:${value}`);

/** The runs of letters and digits in a text, in lower case: `prod-vpc` is two words. */
function wordsOf(text: string): readonly string[] {
  return (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => word.slice(0, TOKEN_CHARS_MAX));
}

/**
 * What an incident is found by: its projects, network, pattern and named proxies as `facet:value`, then the words of its
 * id, scope, projects, named proxies and fields. What passes TOKENS_MAX is left out, the words of fields first.
 */
export function tokensOf(
  incident: Pick<Incident, 'id' | 'pattern' | 'scope' | 'evidence'>,
): readonly string[] {
  const { id, pattern, scope, evidence } = incident;
  const { project, network } = { project: scope['project'], network: scope['network'] };
  const names = evidence.proxies.flatMap(({ displayName, name }) => [displayName, name]);
  const fields = Object.keys(evidence.fields).sort();
  const tokens = [
    facetOf('pattern', pattern),
    ...(network === undefined ? [] : [facetOf('network', network)]),
    ...(project === undefined ? [] : [facetOf('project', project)]),
    ...evidence.projects.map((one) => facetOf('project', one)),
    ...names.map((name) => facetOf('proxy', name)),
    ...wordsOf(id),
    ...Object.keys(scope)
      .sort()
      .flatMap((name) => wordsOf(scope[name] ?? '')),
    ...evidence.projects.flatMap(wordsOf),
    ...evidence.proxies.flatMap(({ displayName }) => wordsOf(displayName)),
    ...fields.flatMap((name) => wordsOf(evidence.fields[name] ?? '')),
  ];
  return [...new Set(tokens)].slice(0, TOKENS_MAX);
}

/**
 * The tokens that an incident must have to pass a filter, the one that few incidents have first: a proxy, the longest word
 * of the text, a network, a project. State, pattern and time are no tokens here: they are fields of their own.
 */
export function tokensWanted(filter: HistoryFilter): readonly string[] {
  const { proxy, text, network, project } = filter;
  const words = text === undefined ? [] : wordsOf(text);
  return [
    ...(proxy === undefined ? [] : [facetOf('proxy', proxy)]),
    ...words.toSorted((a, b) => b.length - a.length),
    ...(network === undefined ? [] : [facetOf('network', network)]),
    ...(project === undefined ? [] : [facetOf('project', project)]),
  ];
}
