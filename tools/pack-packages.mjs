/**
 * Packs libraries of the workspace as a registry would get them, each with the packages of ours that it needs: npm by itself would leave
 * `workspace:*` in their manifests, which nothing outside can install. Installs the pinned tools and builds first, as far as that is needed.
 *
 *   node tools/pack-packages.mjs NAME... [--out FOLDER]     [node_modules/.cache/gatehouse-packages]
 *
 * Prints one line, the `npm install` of them all, to be run in the project that wants them. NAME is a folder of `packages/`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const BIN = join(ROOT, 'node_modules', '.bin');
const SCOPE = '@gatehouse/';

const folderOf = (name) => join(ROOT, 'packages', name);
const dependenciesOf = (name) => {
  const { dependencies = {} } = JSON.parse(readFileSync(join(folderOf(name), 'package.json'), 'utf8'));
  return Object.keys(dependencies).flatMap((key) => (key.startsWith(SCOPE) ? [key.slice(SCOPE.length)] : []));
};

/** The packages and what they need of the workspace, each once. */
function closureOf(names) {
  const found = new Set(names);
  for (const name of found) for (const needed of dependenciesOf(name)) found.add(needed);
  return [...found].sort();
}

/** What the program printed. A failure of it is ours, with its words. */
function demand(program, args, options) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', ...options });
  if (status === 0) return stdout;
  const cause = error === undefined ? '' : `${program} cannot be started: ${error.message}\n`;
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}${cause}`);
  return process.exit(3);
}

function build(names) {
  const filters = names.map((name) => `--filter=${SCOPE}${name}`);
  demand(process.execPath, [join(ROOT, 'tools', 'run.mjs'), 'build', ...filters], { stdio: ['ignore', 2, 2] });
}

/** The file made of one package, its workspace dependencies at their versions. */
function pack(name, out) {
  const env = { ...process.env, PATH: `${BIN}${delimiter}${process.env.PATH}` };
  const args = ['pack', '--json', '--pack-destination', out];
  const said = demand(join(BIN, 'pnpm'), args, { cwd: folderOf(name), env });
  return JSON.parse(said).filename;
}

const quoted = (path) => (/^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);

function usage() {
  const known = readdirSync(join(ROOT, 'packages')).filter((name) => existsSync(join(folderOf(name), 'package.json')));
  return `usage: node tools/pack-packages.mjs NAME... [--out FOLDER]\nNAME is one of ${known.join(', ')}`;
}

function refuse(reason) {
  console.error(`${reason}\n${usage()}`);
  return process.exit(2);
}

function readWords() {
  try {
    return parseArgs({ allowPositionals: true, options: { out: { type: 'string' }, help: { type: 'boolean' } } });
  } catch ({ message }) {
    return refuse(message);
  }
}

const { values, positionals } = readWords();
if (values.help === true) {
  console.log(
    `${usage()}\nPacks them, each with those of ours that it needs, and prints the \`npm install\` of them all.`,
  );
  process.exit(0);
}
const wanted = positionals.map((name) => (name.startsWith(SCOPE) ? name.slice(SCOPE.length) : name));
if (wanted.length === 0) refuse('no package is named');
for (const name of wanted)
  if (!/^[\w-]+$/.test(name) || !existsSync(join(folderOf(name), 'package.json')))
    refuse(`no package is called ${name}`);

const out = resolve(values.out ?? join(ROOT, 'node_modules', '.cache', 'gatehouse-packages'));
const names = closureOf(wanted);
build(names);
mkdirSync(out, { recursive: true });
console.log(['npm install', ...names.map((name) => quoted(pack(name, out)))].join(' '));
