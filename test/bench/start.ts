// `npm run bench:start`: what the start of an instance costs, per function of the package: processor time and memory until it listens,
// beside a program that loads nothing but the framework and the SDKs that the function talks with.
// `-- --short` starts each once, `-- --json` prints one object a row.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { unzipSync } from 'fflate';
import { freePort } from '../../infra/local/processes.ts';
import { buildPackage } from '../../infra/package.ts';

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    /** Folder to start from instead of the unpacked package, such as this repository with its types. */
    source: { type: 'string' },
  },
});

const root = resolve(import.meta.dirname, '../..');
const ROUNDS = values.short ? 1 : 7;
const FRAMEWORK = join(root, 'node_modules/@google-cloud/functions-framework/build/src/main.js');

/** What each function needs to be told to start, and the SDKs that it loads before its first request. */
const FUNCTIONS = [
  { name: 'classify', sdks: ['@google-cloud/firestore', '@google-cloud/pubsub'] },
  { name: 'reconcile', sdks: ['@google-cloud/firestore', '@google-cloud/pubsub', '@slack/web-api'] },
  { name: 'watch', sdks: ['@google-cloud/firestore', '@google-cloud/pubsub', 'google-auth-library'] },
  {
    name: 'diagnose',
    sdks: ['@google-cloud/firestore', '@google-cloud/pubsub', 'google-auth-library', '@google-cloud/logging'],
  },
  { name: 'slack', sdks: ['@google-cloud/firestore', '@google-cloud/pubsub'] },
  { name: 'history', sdks: ['@google-cloud/firestore'] },
] as const;

const ENVIRONMENT = {
  NODE_ENV: 'production',
  GOOGLE_CLOUD_PROJECT: 'demo-project',
  INCIDENT_CHANGES_TOPIC: 'incident-changes',
  SLACK_TOKEN: 'xoxb-none',
  SLACK_CHANNEL: 'C0000000000',
  SLACK_SIGNING_SECRET: '0123456789abcdef',
  FLEET_PROJECTS: 'demo-project',
  FIRESTORE_EMULATOR_HOST: '127.0.0.1:1',
  PUBSUB_EMULATOR_HOST: '127.0.0.1:1',
  METADATA_SERVER_DETECTION: 'none',
};

interface Start {
  readonly cpuMs: number;
  readonly memoryMib: number;
}

/** Clock ticks of /proc/…/stat a second on Linux. */
const TICKS_PER_SECOND = 100;

function usage(pid: number): Start {
  // The second field may hold blanks; what follows its bracket does not.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const ticks = Number(fields[11]) + Number(fields[12]);
  const memory = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return { cpuMs: (ticks * 1000) / TICKS_PER_SECOND, memoryMib: Number(memory?.[1]) / 1024 };
}

/** Starts a functions-framework process on this source and reads what it took until it answered. */
async function measureStart(source: string, target: string, env: Readonly<Record<string, string>>) {
  const port = await freePort(0, target);
  const child = spawn(
    process.execPath,
    [FRAMEWORK, '--source', source, '--target', target, '--port', String(port)],
    { cwd: root, env: { PATH: process.env['PATH'] ?? '', ...ENVIRONMENT, ...env }, stdio: 'ignore' },
  );
  const deadline = performance.now() + 30_000;
  try {
    for (;;) {
      if (child.exitCode !== null || performance.now() > deadline)
        throw new Error(`${target} did not start from ${source}`);
      // Any answer will do: what listens has loaded everything that it loads before its first request.
      const answered = await fetch(`http://127.0.0.1:${port}/robots.txt`).then(
        () => true,
        () => false,
      );
      if (answered) return usage(child.pid ?? 0);
      await sleep(20);
    }
  } finally {
    child.kill('SIGKILL');
  }
}

/** The package as it is deployed, unpacked beside this repository's own node_modules. */
function unpack(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-triage-start-'));
  for (const [name, bytes] of Object.entries(unzipSync(buildPackage(root).bytes))) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

const unpacked = values.source === undefined ? unpack() : undefined;
const source = unpacked ?? resolve(values.source ?? root);

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

try {
  for (const { name, sdks } of FUNCTIONS) {
    const rounds = [];
    for (let round = 0; round < ROUNDS; round += 1)
      rounds.push({
        ours: await measureStart(source, name, { FUNCTION_TARGET: name }),
        bare: await measureStart(join(root, 'test/bench/bare.js'), 'bare', { BARE_SDKS: sdks.join(',') }),
      });
    const row = {
      function: name,
      cpuMs: median(rounds.map(({ ours }) => ours.cpuMs)),
      bareCpuMs: median(rounds.map(({ bare }) => bare.cpuMs)),
      cpuRatio: median(rounds.map(({ ours, bare }) => ours.cpuMs / bare.cpuMs)),
      memoryMib: median(rounds.map(({ ours }) => ours.memoryMib)),
      bareMemoryMib: median(rounds.map(({ bare }) => bare.memoryMib)),
    };
    if (values.json) console.log(JSON.stringify(row));
    else
      console.log(
        `${name.padEnd(10)} start ${Math.round(row.cpuMs)} ÷ ${Math.round(row.bareCpuMs)} ms of processor time = ${row.cpuRatio.toFixed(2)} (bar ≤ 1.3); ` +
          `memory ${Math.round(row.memoryMib)} MiB, bare ${Math.round(row.bareMemoryMib)}`,
      );
  }
} finally {
  if (unpacked !== undefined) rmSync(unpacked, { recursive: true, force: true });
}
