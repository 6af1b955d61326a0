// The import rooms: a check nobody has seen fail proves nothing, so here it fails on purpose.
import { expect, test } from 'vitest';
import { checkFile } from './rooms.ts';

test.for<[file: string, source: string, named: string]>([
  ['shared/model/record.ts', "import { z } from 'zod';", 'npm:zod'],
  ['shared/patterns/x.ts', "import { fold } from '../incident/fold.ts';", 'shared/incident/fold.ts'],
  ['shared/classify/x.ts', "import { readFileSync } from 'node:fs';", 'node:fs'],
  [
    'functions/classify.ts',
    "import { Firestore } from '@google-cloud/firestore';",
    'npm:@google-cloud/firestore',
  ],
  ['functions/classify.ts', "import { x } from './adapters/slack.ts';", 'functions/adapters/slack.ts'],
  ['functions/classify.ts', "const x = await import('./adapters/slack.ts');", 'functions/adapters/slack.ts'],
  ['functions/classify.ts', "export { x } from './adapters/slack.ts';", 'functions/adapters/slack.ts'],
  ['functions/classify.ts', "import type { x } from './adapters/slack.ts';", 'functions/adapters/slack.ts'],
  ['functions/adapters/a.ts', "import { b } from './b.ts';", 'functions/adapters/b.ts'],
  ['functions/fold.ts', "import { readConfig } from './config.ts';", 'functions/config.ts'],
  ['infra/local/run.ts', "import { fold } from '#shared/incident/fold.ts';", 'shared/incident/fold.ts'],
  ['shared/notify/x.ts', "import { y } from '../../test/y.ts';", 'test/y.ts'],
])('%s refuses %s', ([file, source, named]) => {
  expect(checkFile(file, source)).toEqual([expect.stringContaining(`may not import ${named}`)]);
});

test('an adapter with two SDKs is refused', () => {
  const source = "import { a } from '@google-cloud/pubsub'; import { b } from '@google-cloud/firestore';";
  expect(checkFile('functions/adapters/a.ts', source)).toEqual([expect.stringContaining('one SDK')]);
});

test('what the table allows passes', () => {
  expect(checkFile('functions/classify.ts', "import { x } from '#shared/intake/push.ts';")).toEqual([]);
  expect(checkFile('functions/classify.ts', "import { x } from './batch.ts';")).toEqual([]);
  expect(checkFile('functions/adapters/firestore-a.ts', "import { x } from './firestore-b.ts';")).toEqual([]);
  expect(checkFile('functions/adapters/a.ts', "import { PubSub } from '@google-cloud/pubsub';")).toEqual([]);
});
