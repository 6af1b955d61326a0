// `npm run test:infra`: Terraform's format, validity and tests with the provider's real schema; tflint and checkov where
// they are installed. In: MESH_TRIAGE_BUILD_PROVIDER=1 to build the provider where it can't be downloaded. Out: a line a
// step; exit code 1 where one failed, 2 where it could not run. Never talks to Google Cloud, never writes into infra/.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const infra = join(root, 'infra');

/** Provider 8.0.0: the module's path has no /v8, so that only a commit names a version of today. */
const PROVIDER = 'github.com/hashicorp/terraform-provider-google@v1.20.1-0.20260828184646-f3721fb45fa3';
const PROVIDER_PROGRAM = 'terraform-provider-google';
const cache = join(
  process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
  'mesh-triage',
  PROVIDER.slice(PROVIDER.lastIndexOf('-') + 1),
);

const EXIT_FAILED = 1;
const EXIT_NOT_RUN = 2;

const HOW_TO_GET_TERRAFORM =
  'terraform is not installed. Get it at https://developer.hashicorp.com/terraform/install, or with Go: go install github.com/hashicorp/terraform@v1.11.4';
const HOW_TO_GET_THE_PROVIDER = [
  'The provider hashicorp/google can not be had. One of these helps:',
  '  a network in which terraform init reaches its registry;',
  '  TF_CLI_CONFIG_FILE, naming a configuration with a mirror that holds it;',
  `  MESH_TRIAGE_BUILD_PROVIDER=1 with Go installed: builds it once from its module, for half an hour or so, into ${cache}`,
].join('\n');

interface Ended {
  readonly kind: 'ended' | 'not-installed';
  readonly code: number;
  readonly output: string;
}

interface Settings {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

function run(command: string, args: readonly string[], { cwd, env = {} }: Settings): Promise<Ended> {
  return new Promise((done) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += String(chunk)));
    child.stderr.on('data', (chunk) => (output += String(chunk)));
    child.on('error', () => done({ kind: 'not-installed', code: 1, output: '' }));
    child.on('close', (code) => done({ kind: 'ended', code: code ?? 1, output: output.trim() }));
  });
}

/** Prints one line for a step, and what it said where it failed. */
function report(name: string, { kind, code, output }: Ended, remark = ''): boolean {
  if (kind === 'not-installed') {
    console.log(`skip ${name}: not installed`);
    return true;
  }
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name}${code === 0 && remark !== '' ? `: ${remark}` : ''}`);
  if (code !== 0) console.log(output);
  return code === 0;
}

/** A copy of the module: terraform init writes beside it, and a lock of a provider built here must not be kept. */
function copyModule(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-triage-infra-'));
  const files = globSync(['*.tf', '*.tftpl', '*.txt', '.tflint.hcl'], { cwd: infra });
  for (const file of [...files, 'tests']) cpSync(join(infra, file), join(folder, file), { recursive: true });
  return folder;
}

/** Builds the provider into the cache unless it lies there. Says why where it can't. */
async function buildProvider(): Promise<boolean> {
  if (existsSync(join(cache, PROVIDER_PROGRAM))) return true;
  if (process.env['MESH_TRIAGE_BUILD_PROVIDER'] !== '1') return false;
  mkdirSync(cache, { recursive: true });
  console.log(`     building ${basename(PROVIDER)} once; it takes long`);
  const built = await run('go', ['install', PROVIDER], { cwd: cache, env: { GOBIN: cache } });
  if (built.kind === 'not-installed') console.log('Go is not installed: https://go.dev/dl/');
  else if (built.code !== 0) console.log(built.output);
  return built.code === 0;
}

/** What Terraform needs in its environment to find the provider; undefined where there is none. */
async function findProvider(folder: string): Promise<Readonly<Record<string, string>> | undefined> {
  const init = await run('terraform', ['init', '-backend=false', '-input=false', '-no-color'], {
    cwd: folder,
  });
  if (init.code === 0) {
    console.log(
      `ok   provider: ${/hashicorp\/google v[\d.]*\d/.exec(init.output)?.[0] ?? 'hashicorp/google'}`,
    );
    return {};
  }
  if (!(await buildProvider())) {
    console.log(`${init.output}\n\n${HOW_TO_GET_THE_PROVIDER}`);
    return undefined;
  }
  const configuration = join(folder, 'provider.tfrc');
  const overrides = `dev_overrides {\n    "hashicorp/google" = ${JSON.stringify(cache)}\n  }`;
  writeFileSync(configuration, `provider_installation {\n  ${overrides}\n  direct {}\n}\n`);
  console.log(`ok   provider: built from ${basename(PROVIDER)}`);
  return { TF_CLI_CONFIG_FILE: configuration };
}

/** The exit code of all steps together. */
async function testModule(folder: string): Promise<number> {
  const version = await run('terraform', ['version'], { cwd: folder });
  if (version.kind === 'not-installed') {
    console.log(HOW_TO_GET_TERRAFORM);
    return EXIT_NOT_RUN;
  }
  console.log(`     ${/Terraform v\S+/.exec(version.output)?.[0] ?? 'Terraform'}`);
  const format = await run('terraform', ['fmt', '-check', '-diff', '-recursive', 'infra'], { cwd: root });
  const results = [report('format', format)];
  const env = await findProvider(folder);
  if (env === undefined) return EXIT_NOT_RUN;
  const inFolder = { cwd: folder, env };
  results.push(report('validate', await run('terraform', ['validate', '-no-color'], inFolder)));
  const tests = await run('terraform', ['test', '-no-color'], inFolder);
  results.push(report('test', tests, /\d+ passed/.exec(tests.output)?.[0]));
  const tflint = await run('tflint', ['--no-color'], inFolder);
  results.push(report('tflint', tflint));
  const scan = ['--framework', 'terraform', '--quiet', '--compact', '--skip-download', '-d', '.'];
  const checkov = await run('checkov', scan, inFolder);
  results.push(report('checkov', checkov, /Passed checks: .*/.exec(checkov.output)?.[0]));
  return results.every(Boolean) ? 0 : EXIT_FAILED;
}

const folder = copyModule();
try {
  process.exitCode = await testModule(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
