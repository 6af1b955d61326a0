// What a failed call to Google means for the person at the command line. In: an error. Out: what to do about it, in words.
// Knows codes and the auth library's texts; never asks anything itself.

/** Status codes of gRPC, and what mends them. */
const ADVICE: ReadonlyMap<unknown, string> = new Map([
  [3, 'Google does not take the question'],
  [4, 'Google gave no answer in time; try again'],
  [5, 'it is not there: look at the names of project, database, subscription and topic'],
  [7, 'no permission: docs/operate.md names the roles'],
  [8, 'a quota is used up; try again in a minute'],
  [9, 'it is not ready: an index or a database may still be missing, «terraform apply» makes them'],
  [14, 'Google can’t be reached; try again'],
  [16, 'the credentials are refused: «gcloud auth application-default login» makes new ones'],
]);

const NO_CREDENTIALS = /default credentials|invalid_grant|invalid_rapt|reauth/i;

/** One line that says what failed and what to do; undefined for an error that does not come from a call to Google. */
export function googleFailureText(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const why = error.message.replace(/\.?(?:\n[^]*)?$/, '');
  if (NO_CREDENTIALS.test(why))
    return `no credentials: «gcloud auth application-default login» makes them. Google says: ${why}`;
  const advice = 'code' in error ? ADVICE.get(error.code) : undefined;
  return advice === undefined ? undefined : `${advice}. Google says: ${why}`;
}
