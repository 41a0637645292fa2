// Public repositories as they are: the gate's total beside the tool's own, a branch that deletes a test and must fail with the very lines that nothing
// runs any more, and a branch behind main that changes a text and must pass.
//   node soak/coverage-repositories.mjs --clones DIR [--help] [--js DIR] [--python PATH] [NAMES...]
//   --clones DIR   a folder with a clone (or a mirror) of each, by its name; one that is not there is a row that says so
//   --js DIR       a folder whose node_modules has vitest, @vitest/coverage-v8 and @borderless/ts-scripts
//   --python PATH  an interpreter with pytest and pytest-cov
// go and mvn are taken from PATH; MAVEN_OPTS="-Dmaven.repo.local=DIR" spares Maven its downloads. There is nothing random in it, so it takes no seed.
// Needs a build. Ends with 1 when something is not as it must be. Some minutes for each.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { REPOSITORIES } from './coverage-tools/repositories.mjs';

const words = process.argv.slice(2);
if (words.includes('--help')) {
  console.log(
    'node soak/coverage-repositories.mjs --clones DIR [--js DIR] [--python PATH] [NAMES...]; names: ' +
      Object.keys(REPOSITORIES).join(', '),
  );
  process.exit(0);
}
const option = (name) => {
  const at = words.indexOf(name);
  return at < 0 ? '' : resolve(words.splice(at, 2)[1]);
};
const [clones, js, python] = ['--clones', '--js', '--python'].map(option);
const asked = words.length > 0 ? words : Object.keys(REPOSITORIES);
const has = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
const AVAILABLE = {
  js: () => existsSync(join(js, 'node_modules/.bin/vitest')),
  python: () => python !== '' && has(python, '-c', 'import pytest_cov'),
  go: () => has('go', 'version'),
  mvn: () => has('mvn', '--version'),
};
const main = join(import.meta.dirname, '../dist/main.js');

class Project {
  constructor(root, recipe) {
    this.work = join(root, 'work');
    this.records = join(root, 'records');
    this.recipe = recipe;
  }

  git(...args) {
    const identity = ['-c', 'user.name=x', '-c', 'user.email=x@example.org'];
    return execFileSync('git', ['-C', this.work, ...identity, ...args], { encoding: 'utf8' }).trim();
  }

  sh(command) {
    const env = { ...process.env, PYTHON: python };
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
      cwd: this.work,
      encoding: 'utf8',
      env,
      maxBuffer: 2 ** 28,
    });
    if (status !== 0) throw new Error(`${command}: ${stderr || stdout}`);
    return stdout.trim();
  }

  /** Main with a policy, one branch without a test, one that only changes a text and is a commit behind. */
  layOut(source) {
    const { coverage, needs, removes } = this.recipe;
    execFileSync('git', ['clone', '--quiet', source, this.work]);
    this.git('checkout', '--quiet', '-B', 'main');
    const command = coverage.command?.replaceAll('"$PYTHON"', `'${python}'`);
    const policy = {
      mode: 'baseline',
      ...coverage,
      ...(command === undefined ? {} : { command }),
      ...(needs === 'js' ? { setup: `ln -s '${js}/node_modules' node_modules` } : {}),
    };
    const { setup, ...measuring } = policy;
    const test = { ...(setup === undefined ? {} : { setup }), command: 'true' };
    writeFileSync(join(this.work, 'gatehouse.yaml'), JSON.stringify({ version: 1, test, coverage: measuring }));
    this.commit('a policy');
    this.git('checkout', '--quiet', '-b', 'text');
    writeFileSync(join(this.work, 'README.md'), 'Another text.\n');
    this.commit('a text');
    this.git('checkout', '--quiet', 'main');
    writeFileSync(join(this.work, 'NEWS.txt'), 'News.\n');
    this.commit('news');
    this.git('checkout', '--quiet', '-b', 'less');
    this.git('rm', '--quiet', ...removes);
    this.commit('less tests');
  }

  commit(message) {
    this.git('add', '-A');
    this.git('commit', '--quiet', '-m', message);
  }

  /** What the tool itself says of a branch: its total, and every line. */
  own(branch) {
    const { needs, own, total, lines } = this.recipe;
    this.git('checkout', '--quiet', branch);
    if (needs === 'js' && !existsSync(join(this.work, 'node_modules')))
      symlinkSync(join(js, 'node_modules'), join(this.work, 'node_modules'));
    this.sh(own);
    const ran = new Map();
    for (const line of this.sh(lines).split('\n')) {
      const [place, count] = line.split(' ');
      ran.set(place, count === '1' || ran.get(place) === true);
    }
    const answer = { total: this.sh(total).split('\n').at(-1), ran };
    this.git('clean', '--quiet', '-fdx');
    return answer;
  }

  gate(branch) {
    const args = [
      main,
      'gate',
      'coverage',
      '--repo',
      this.work,
      '--branch',
      branch,
      '--baseline',
      this.records,
      '--json',
      '--no-summary',
    ];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
    try {
      return JSON.parse(stdout);
    } catch {
      throw new Error(`the gate answered ${stdout} ${stderr}`);
    }
  }
}

/** Lines that findings name, as PATH:LINE. */
function namedLines(findings) {
  const named = new Set();
  for (const { path, message } of findings) {
    const list = /: lines ([\d, -]+)/.exec(message)?.[1];
    for (const range of list === undefined ? [] : list.split(',')) {
      const [start, end = start] = range.trim().split(/[ -]/).map(Number);
      for (let line = start; line <= end; line += 1) named.add(`${path}:${line}`);
    }
  }
  return named;
}

function judge(project) {
  const before = project.own('main');
  const after = project.own('less');
  const lost = [...before.ran].filter(([place, ran]) => ran && after.ran.get(place) === false).map(([place]) => place);
  const landed = project.gate('main');
  const ours = /\((\d+\/\d+)\)/.exec(landed.reason)?.[1] ?? landed.reason;
  const less = project.gate('less');
  const text = project.gate('text');
  const named = namedLines(less.findings ?? []);
  const unsaid = lost.filter((place) => !named.has(place));
  const untrue = [...named].filter((place) => after.ran.get(place) === true);
  const { why } = project.recipe;
  const lines = [...before.ran.values()];
  const byLines = `${lines.filter(Boolean).length}/${lines.length}`;
  const faults = [
    ...(ours === before.total || (why !== undefined && ours === byLines)
      ? []
      : [`ours ${ours}, its own ${before.total}, by its lines ${byLines}`]),
    ...(landed.status === 'pass' ? [] : [`main: ${landed.reason}`]),
    ...(less.status === 'fail' && lost.length > 0 ? [] : [`less: ${less.reason}; ${lost.length} lines lost`]),
    ...(unsaid.length === 0 ? [] : [`not named: ${unsaid.slice(0, 9)} of ${lost.length}`]),
    ...(untrue.length === 0 ? [] : [`named and covered: ${untrue.slice(0, 9)}`]),
    ...(text.status === 'pass' ? [] : [`text: ${text.reason}`]),
  ];
  return { ours, own: before.total, byLines, lost: lost.length, named: named.size, faults, why };
}

let failed = false;
for (const name of asked) {
  const recipe = REPOSITORIES[name];
  if (recipe === undefined) throw new Error(`there is no repository ${name}`);
  const source = join(clones, name);
  if (!existsSync(source)) {
    console.log(`${name.padEnd(10)} is not in ${clones || '--clones'}: git clone --mirror it from ${recipe.source}`);
    continue;
  }
  if (!AVAILABLE[recipe.needs]()) {
    console.log(`${name.padEnd(10)} ${recipe.needs} is not on this machine`);
    continue;
  }
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'coverage-repositories-')));
  try {
    const project = new Project(root, recipe);
    project.layOut(source);
    const { ours, own, byLines, lost, named, faults, why } = judge(project);
    const total =
      why === undefined
        ? `ours ${ours}, its own ${own}`
        : `ours ${ours} = its lines ${byLines}, its own ${own} (${why})`;
    console.log(
      `${name.padEnd(10)} ${total}; ${lost} lines lost, all among the ${named} that are named; ${faults.join('; ') || 'as it must be'}`,
    );
    failed ||= faults.length > 0;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
process.exitCode = failed ? 1 : 0;
