// What is printed for a shell: one word a value, bounded; what is stored of a field: bounded.
import { expect, test } from 'vitest';
import { compact, FIELD_CHARS_MAX } from '#shared/patterns/pattern.ts';
import { or, quote, recreateCommand, sh, WORD_CHARS_MAX } from '#shared/patterns/shell.ts';

test.for([
  [WORD_CHARS_MAX - 1, WORD_CHARS_MAX - 1],
  [WORD_CHARS_MAX, WORD_CHARS_MAX],
  [WORD_CHARS_MAX + 1, WORD_CHARS_MAX],
] as const)('a value of %i characters becomes a word of %i', ([length, wanted]) => {
  expect(quote('x'.repeat(length))).toHaveLength(wanted);
});

test.for([
  [FIELD_CHARS_MAX - 1, FIELD_CHARS_MAX - 1],
  [FIELD_CHARS_MAX, FIELD_CHARS_MAX],
  [FIELD_CHARS_MAX + 1, FIELD_CHARS_MAX],
] as const)('a field of %i characters is kept with %i', ([length, wanted]) => {
  expect(compact({ name: 'x'.repeat(length) })['name']).toHaveLength(wanted);
});

test('empty and missing fields are not kept', () => {
  expect(compact({ a: '', b: undefined, c: 'x' })).toEqual({ c: 'x' });
});

test('harmless values stand as they are, others in quotes, missing ones as a placeholder', () => {
  expect(sh`gcloud x --zone=${'europe-west3-a'} --name=${"it's"} ${or('', 'INSTANCE_NAME')}`).toBe(
    String.raw`gcloud x --zone=europe-west3-a --name='it'\''s' INSTANCE_NAME`,
  );
});

test.for([
  ['europe-west3-b', '--zone=europe-west3-b'],
  ['europe-west3', '--region=europe-west3'],
  ['us-central1', '--region=us-central1'],
  ['northamerica-northeast2-a', '--zone=northamerica-northeast2-a'],
  ['ZONE', '--zone=ZONE'],
  ["'; rm -rf ~", String.raw`--zone=''\''; rm -rf ~'`],
] as const)('a group in %s is recreated with %s', ([place, flag]) => {
  expect(recreateCommand({ group: 'web', instance: 'web-x2x4', place, project: 'demo' })).toBe(
    `gcloud compute instance-groups managed recreate-instances web --instances=web-x2x4 ${flag} --project=demo`,
  );
});
