// Parts of sentences that several patterns share, in Simplified Chinese: where something happens, and names in a sentence.
// In: scope of an incident, a name. Out: raw text; a name stands between blanks, Chinese words stand without.
import type { Scope } from '#shared/model/finding.ts';

/** «checkout 上», or «某台虚拟机上» where nobody knows the group. */
export const onGroup = ({ scope }: { readonly scope: Scope }): string =>
  scope['group'] === undefined || scope['group'] === '' ? '某台虚拟机上' : `${scope['group']} 上`;

/** «（项目 demo）», or nothing. */
export const inProject = ({ scope }: { readonly scope: Scope }): string =>
  scope['project'] === undefined || scope['project'] === '' ? '' : `（项目 ${scope['project']}）`;

/** A name between Chinese words, or Chinese words that stand for it. */
export const between = (name: string | undefined, otherwise: string): string =>
  name === undefined || name === '' ? otherwise : ` ${name} `;
