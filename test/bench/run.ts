// `npm run bench`: every row of the table, one program after the other, each with its own checks of correctness.
// `-- --short` only proves that each runs, `-- --json` prints one object a row. Exit code 1 if one of them fails.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** In the order of the way of the data; what needs other tools comes last. */
const PROGRAMS = ['classify', 'ingest', 'live', 'growth', 'sweep', 'start', 'history', 'scale', 'peers'];

for (const name of PROGRAMS) {
  if (!process.argv.includes('--json')) console.log(`\n# ${name}`);
  const program = join(import.meta.dirname, `${name}.ts`);
  const { status } = spawnSync(process.execPath, [program, ...process.argv.slice(2)], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
