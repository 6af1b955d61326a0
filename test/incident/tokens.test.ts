// Tokens: what an incident is found by, the same for the same incident, bounded, and never without its facets.
import { expect, test } from 'vitest';
import { TOKEN_CHARS_MAX, TOKENS_MAX, tokensOf, tokensWanted } from '#shared/model/tokens.ts';
import { NAMED_PROXIES_MAX } from '#shared/model/sighting.ts';
import { anOpenIncident } from '../fakes/sightings.ts';

const proxy = (n: number) => ({
  id: String(n),
  project: 'demo-project',
  location: 'europe-west3-b',
  name: `424242${n}`,
  displayName: `checkout-${n}`,
  group: 'checkout',
});
const incident = {
  ...anOpenIncident('config-not-found-0123456789abcdef', 'config-not-found', {
    seen: {
      projects: ['demo-project', 'Other.com:legacy'],
      proxies: [proxy(7)],
      fields: { name: 'Größe/prod', kind: 'network' },
    },
  }),
  scope: { project: '123', network: 'prod-VPC' },
};

test('an incident answers to its facets whole and to its words, in lower case', () => {
  expect(tokensOf(incident)).toEqual([
    'pattern:config-not-found',
    'network:prod-vpc',
    'project:123',
    'project:demo-project',
    'project:other.com:legacy',
    'proxy:checkout-7',
    'proxy:4242427',
    'config',
    'not',
    'found',
    '0123456789abcdef',
    'prod',
    'vpc',
    '123',
    'demo',
    'project',
    'other',
    'com',
    'legacy',
    'checkout',
    '7',
    'network',
    'größe',
  ]);
});

test('whatever a filter asks for that the incident is, the incident answers to', () => {
  const tokens = new Set(tokensOf(incident));
  const asked = [
    { project: 'demo-project' },
    { project: '123' },
    { network: 'PROD-vpc' },
    { proxy: 'checkout-7' },
    { text: 'config-not-found-0123456789abcdef' },
    { text: ' prod-vpc,  GRÖSSE '.replace('GRÖSSE', 'Größe') },
  ];
  for (const filter of asked) expect(tokensWanted(filter).filter((token) => !tokens.has(token))).toEqual([]);
  expect(tokensWanted({ text: 'nowhere' }).every((token) => tokens.has(token))).toBe(false);
});

test('the token that few incidents have comes first', () => {
  const filter = { project: 'p', network: 'n', text: 'a long-winded text', proxy: 'x' };
  expect(tokensWanted(filter)).toEqual(['proxy:x', 'winded', 'long', 'text', 'a', 'network:n', 'project:p']);
  expect(tokensWanted({ state: 'open', pattern: 'dns-failure', fromMs: 1 })).toEqual([]);
  expect(tokensWanted({ text: '!?' })).toEqual([]);
});

test('a long value is cut the same way on both sides', () => {
  const network = 'n'.repeat(TOKEN_CHARS_MAX + 1);
  const [wanted = ''] = tokensWanted({ network });
  expect(wanted).toHaveLength(TOKEN_CHARS_MAX);
  expect(tokensOf({ ...incident, scope: { network } })).toContain(wanted);
});

test.for([TOKENS_MAX - 1, TOKENS_MAX, TOKENS_MAX + 1])(
  'of %i tokens at most TOKENS_MAX are kept',
  (count) => {
    const words = Array.from({ length: count }, (_, n) => `w${n}`);
    const evidence = { ...incident.evidence, proxies: [], projects: [], fields: { shape: words.join(' ') } };
    const plain = { id: 'w0', pattern: 'w', scope: {}, evidence };
    // The pattern is one token, and the id is one of the words.
    expect(tokensOf(plain)).toHaveLength(Math.min(count + 1, TOKENS_MAX));
  },
);

test('as many projects and proxies as an incident names leave room for its words', () => {
  const projects = Array.from({ length: 50 }, (_, n) => `project-${n}`);
  const proxies = Array.from({ length: NAMED_PROXIES_MAX }, (_, n) => proxy(n));
  const tokens = tokensOf({ ...incident, evidence: { ...incident.evidence, projects, proxies } });
  expect(tokens.filter((token) => token.startsWith('project:'))).toHaveLength(51);
  expect(tokens.filter((token) => token.startsWith('proxy:'))).toHaveLength(2 * NAMED_PROXIES_MAX);
  expect(tokens).toContain('0123456789abcdef');
  expect(tokens).toHaveLength(TOKENS_MAX);
});
