// `npm run check`: types, types of the core, lint, format, unused code, import rooms, Terraform's format.
// Runs them side by side, prints what failed, exits 1 where anything did.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const bin = (name: string): string => resolve(root, 'node_modules/.bin', name);

const steps: readonly (readonly [string, string, readonly string[]])[] = [
  ['types', bin('tsc'), ['--pretty', 'false']],
  ['types of the core', bin('tsc'), ['--pretty', 'false', '-p', 'shared']],
  ['lint', bin('oxlint'), ['--deny-warnings']],
  ['format', bin('oxfmt'), ['--check', '.']],
  ['unused code', bin('knip'), []],
  ['rooms', process.execPath, ['test/rooms.ts']],
];

function run(name: string, command: string, args: readonly string[]): Promise<boolean> {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += String(chunk)));
    child.stderr.on('data', (chunk) => (output += String(chunk)));
    child.on('error', (error) => (output += error.message));
    child.on('close', (code) => {
      console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name}`);
      if (code !== 0) console.log(output.trimEnd());
      done(code === 0);
    });
  });
}

const results = await Promise.all(steps.map(([name, command, args]) => run(name, command, args)));
if (globSync('infra/**/*.tf', { cwd: root }).length > 0 && existsSync(resolve(root, 'infra'))) {
  const terraform = spawnSync('terraform', ['version'], { stdio: 'ignore' });
  if (terraform.error === undefined)
    results.push(await run('terraform fmt', 'terraform', ['fmt', '-check', '-recursive', 'infra']));
  else console.log('skip terraform fmt: no terraform on this machine');
}
process.exitCode = results.every(Boolean) ? 0 : 1;
