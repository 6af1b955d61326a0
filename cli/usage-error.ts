// Wrong use of the command line: one line that says what was wrong and how to mend it; exit code 2.

export class UsageError extends Error {
  override readonly name = 'UsageError';
}
