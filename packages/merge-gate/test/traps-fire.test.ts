/** Files with which a red suite becomes green under the real tool, and what the gate says of a branch that brings one. */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { PlantedBranches } from './planted-branches.ts';

type Texts = Readonly<Record<string, string>>;

interface Trap {
  /** Shows that the tool is here. */
  readonly tool: string;
  /** Red as it stands. */
  readonly base: Texts;
  readonly command: string;
  readonly trap: Texts;
  readonly isStopped: boolean;
  /** Fails with GATEHOUSE_REQUIRE_TOOLS=1 where the tool is missing; the others are dear, and run with it where the tool is. */
  readonly isDemanded: boolean;
}

const NODE: Texts = { 'package.json': '{"name":"x","scripts":{"test":"exit 1"}}' };
const UNIT: Texts = {
  'test_a.py': 'import unittest\nclass T(unittest.TestCase):\n    def test_a(self):\n        self.fail("red")\n',
};
const PYTEST: Texts = { 'test_a.py': 'def test_a():\n    assert False\n' };
const CRATE: Texts = {
  'Cargo.toml': '[package]\nname = "x"\nversion = "0.1.0"\nedition = "2021"\n',
  'src/lib.rs': '#[test]\nfn a() { panic!() }\n',
};
const npm = { tool: 'npm --version', base: NODE, command: 'npm test', isDemanded: true } as const;
const pnpm = { ...npm, tool: 'pnpm --version', command: 'pnpm test' } as const;
const python = { tool: 'python3 --version', base: UNIT, isDemanded: true } as const;
const pytest = {
  ...{ tool: 'python3 -m pytest --version', base: PYTEST, isDemanded: true },
  command: 'python3 -m pytest -q -p no:cacheprovider',
} as const;
const cargo = {
  tool: 'cargo --version',
  base: CRATE,
  command: 'cargo test --offline',
  isDemanded: false,
} as const;
const mvn = {
  ...{ tool: 'mvn --version', command: 'mvn -o -q test', isDemanded: false },
  base: { 'pom.xml': '<project><modelVersion>4.0.0</modelVersion><groupId>x</groupId></project>' },
} as const;

const TRAPS: Readonly<Record<string, Trap>> = {
  'npm, another shell': { ...npm, trap: { '.npmrc': 'script-shell=/bin/true\n' }, isStopped: true },
  'npm, a program': {
    ...npm,
    base: { 'package.json': '{"name":"x","scripts":{"test":"my-runner"}}' },
    trap: { 'node_modules/.bin/my-runner': '#!/bin/sh\nexit 0\n' },
    isStopped: true,
  },
  'pnpm, another shell': { ...pnpm, trap: { 'pnpm-workspace.yaml': 'scriptShell: /bin/true\n' }, isStopped: true },
  'pnpm, a manifest of its own': {
    ...{ ...pnpm, base: { 'README.md': '' } },
    trap: { 'package.yaml': 'name: x\nscripts:\n  test: exit 0\n' },
    isStopped: false,
  },
  'python, what it starts with': {
    ...python,
    command: 'PYTHONPATH=. python3 -m unittest -q',
    trap: { 'sitecustomize.py': 'import os\nos._exit(0)\n' },
    isStopped: true,
  },
  'python, a module in the name of one': {
    ...python,
    command: 'python3 -m unittest -q',
    trap: { 'argparse.py': 'import os\nos._exit(0)\n' },
    isStopped: true,
  },
  'pytest, hooks': {
    ...pytest,
    trap: { 'conftest.py': 'def pytest_sessionfinish(session):\n    session.exitstatus = 0\n' },
    isStopped: false,
  },
  'pytest, settings': { ...pytest, trap: { 'pytest.ini': '[pytest]\naddopts = --collect-only\n' }, isStopped: false },
  'prove, a module in the name of the one that judges': {
    ...{ tool: 'prove --version', base: { 't/a.t': 'use Test::More tests => 1;\nok(0);\n' }, isDemanded: false },
    command: 'prove -l t',
    trap: { 'lib/Test/More.pm': 'package Test::More;\nprint "1..1\\nok 1\\n";\nexit 0;\n' },
    isStopped: false,
  },
  'cargo, a runner': {
    ...cargo,
    trap: { '.cargo/config.toml': '[target.\'cfg(all())\']\nrunner = "true"\n' },
    isStopped: true,
  },
  'maven, switches': { ...mvn, trap: { '.mvn/maven.config': '-version\n' }, isStopped: true },
};

const isDemanded = process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1';

/** The exit status of the command on these files, run as they lie there. */
function naively(command: string, files: Texts): number | null {
  const room = mkdtempSync(join(tmpdir(), 'traps-fire-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(room, path)), { recursive: true });
    writeFileSync(join(room, path), text);
    chmodSync(join(room, path), 0o755);
  }
  const run = spawnSync('sh', ['-c', command], { cwd: room, timeout: 120_000 });
  rmSync(room, { recursive: true, force: true });
  return run.status;
}

for (const [title, { tool, base, command, trap, isStopped, ...one }] of Object.entries(TRAPS)) {
  const isHere = spawnSync('sh', ['-c', tool], { cwd: tmpdir() }).status === 0;
  const run = one.isDemanded ? isHere || isDemanded : isHere && isDemanded;
  (run ? test : test.skip)(`${title}: green by a trap, which the gate ${isStopped ? 'stops' : 'tells'}`, async () => {
    expect(naively(command, base)).not.toBe(0);
    expect(naively(command, { ...base, ...trap })).toBe(0);
    const planted = new PlantedBranches(base, new Map([['it', trap]]));
    const { stops, tells } = await planted.judge('it', command);
    planted.close();
    expect((isStopped ? stops : tells).length).toBeGreaterThan(0);
  });
}

interface Leftovers {
  readonly tool: string;
  readonly command: string;
  /** Green and red, and alike for the tool: by their age, or by an environment that it does not know of. */
  readonly green: Texts;
  readonly red: Texts;
  /** What a green run leaves, and a branch brings. */
  readonly left: string;
  /** Of that, what the gate has to name. */
  readonly named: string;
}

const IN_TURBO: Texts = {
  '.gitignore': '.turbo\n',
  'package.json': '{"name":"x","packageManager":"npm@11.0.0","workspaces":["a"]}',
  'package-lock.json':
    '{"name":"x","lockfileVersion":3,"packages":{"":{"name":"x","workspaces":["a"]},"a":{"name":"a","version":"1.0.0"},"node_modules/a":{"resolved":"a","link":true}}}',
  'turbo.json': '{"tasks":{"test":{}}}',
  'a/package.json': '{"name":"a","version":"1.0.0","scripts":{"test":"test -e ../../green"}}',
};

const LEFT: Readonly<Record<string, Leftovers>> = {
  'cargo, programs that are built already': {
    ...{ tool: 'cargo --version', command: 'cargo test --offline --quiet', left: 'target' },
    green: { ...CRATE, 'src/lib.rs': '#[test]\nfn a() {}\n' },
    red: CRATE,
    named: 'target/debug/deps/x',
  },
  'turbo, a result that is remembered': {
    ...{ tool: 'turbo --version', command: 'turbo run test', left: '.turbo' },
    // Beside the repository, where turbo does not look.
    green: { ...IN_TURBO, '../green': 'yes\n' },
    red: IN_TURBO,
    named: '.turbo/cache/x.tar.zst',
  },
};

for (const [title, { tool, command, green, red, left, named }] of Object.entries(LEFT)) {
  const isHere = spawnSync('sh', ['-c', tool], { cwd: tmpdir() }).status === 0;
  (isHere && isDemanded ? test : test.skip)(`${title}: green by what a run left, which the gate stops`, async () => {
    const room = mkdtempSync(join(tmpdir(), 'traps-fire-'));
    const [made, brought] = [join(room, 'made/repo'), join(room, 'brought/repo')];
    try {
      expect(ranIn(join(room, 'naive/repo'), red, command)).not.toBe(0);
      expect(ranIn(made, green, command)).toBe(0);
      lay(brought, red);
      cpSync(join(made, left), join(brought, left), { recursive: true, preserveTimestamps: false });
      expect(ranIn(brought, {}, command)).toBe(0);
    } finally {
      rmSync(room, { recursive: true, force: true });
    }
    const planted = new PlantedBranches(red, new Map([['it', { [named]: 'x\n' }]]));
    const { stops } = await planted.judge('it', command);
    planted.close();
    expect(stops).not.toEqual([]);
  });
}

function lay(dir: string, files: Texts): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
}

function ranIn(dir: string, files: Texts, command: string): number | null {
  lay(dir, files);
  return spawnSync('sh', ['-c', command], { cwd: dir, timeout: 120_000 }).status;
}
