// The lint rules of the house. Which room may import which is checked by test/rooms.ts.
import { defineConfig } from 'oxlint';

export default defineConfig({
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'node', 'vitest'],
  options: { typeAware: true },
  categories: { correctness: 'error', suspicious: 'error' },
  ignorePatterns: ['node_modules', 'test/golden'],
  rules: {
    'import/no-cycle': 'error',
    'import/no-default-export': 'error',
    'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
    'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
    'max-params': ['error', { max: 3 }],
    'no-console': 'error',
    'node/no-process-env': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/no-unsafe-type-assertion': 'error',
    'typescript/only-throw-error': 'error',
    'typescript/switch-exhaustiveness-check': [
      'error',
      { allowDefaultCaseForExhaustiveSwitch: false, requireDefaultForNonUnion: false },
    ],
    'unicorn/filename-case': ['error', { case: 'kebabCase' }],
    'no-await-in-loop': 'off',
    'unicorn/no-array-sort': 'off',
    'unicorn/no-array-reverse': 'off',
    'unicorn/consistent-function-scoping': 'off',
    'no-shadow': 'off',
    // fast-check is used as its own documentation does: fc.property, fc.array …
    'import/no-named-as-default-member': 'off',
    // It does not see that an await lets others change the condition.
    'no-unmodified-loop-condition': 'off',
    'typescript/no-unnecessary-type-arguments': 'off',
    'typescript/consistent-return': 'off',
    'vitest/require-mock-type-parameters': 'off',
    'vitest/no-standalone-expect': 'off',
    'vitest/expect-expect': 'off',
    'vitest/valid-title': 'off',
    // Narrowing a union before asserting on it is no branch of the test.
    'vitest/no-conditional-expect': 'off',
  },
  overrides: [
    {
      // The core has no clock and no randomness: both come in as arguments.
      files: ['shared/**'],
      rules: {
        'no-restricted-properties': [
          'error',
          { object: 'Date', property: 'now', message: 'shared/ has no clock: take `nowMs` as an argument.' },
          {
            object: 'Math',
            property: 'random',
            message: 'shared/ has no randomness: take the id as an argument.',
          },
        ],
      },
    },
    // Tables of tests and the wiring of processes read better in one piece.
    {
      files: ['test/**'],
      rules: { 'max-lines': 'off', 'max-lines-per-function': 'off', 'no-console': 'off' },
    },
    // Programs that people start in a terminal talk to it.
    { files: ['cli/**', 'infra/**'], rules: { 'no-console': 'off' } },
    {
      files: ['functions/config.ts', 'cli/main.ts', 'infra/local/**', 'test/**'],
      rules: { 'node/no-process-env': 'off' },
    },
    { files: ['*.config.ts'], rules: { 'import/no-default-export': 'off' } },
  ],
});
