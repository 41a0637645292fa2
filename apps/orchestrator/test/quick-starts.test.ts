import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { parsePolicyFile } from '../src/policy/policy-file.ts';
import { gitIn } from './ci-clones.ts';
import { sarifProblems } from './sarif-schema.ts';
import { Forge, scratchFolder } from './scratch-forge.ts';
import { testWhole } from './tool-tests.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

function capture(...words: string[]) {
  const program = join(ROOT, 'tools/docs/capture.mjs');
  const env = { PATH: process.env['PATH'] ?? '', TMPDIR: scratchFolder() };
  const ran = spawnSync(process.execPath, [program, ...words], { env, encoding: 'utf8', timeout: 240_000 });
  return { exit: ran.status, out: ran.stdout, err: ran.stderr };
}

/** The same, while this process answers as the forge. */
function captureBeside(...words: string[]): Promise<{ exit: number; out: string }> {
  const env = { PATH: process.env['PATH'] ?? '', TMPDIR: scratchFolder() };
  const program = join(ROOT, 'tools/docs/capture.mjs');
  return new Promise((told) => {
    const child = execFile(process.execPath, [program, ...words], { env, timeout: 240_000 }, (_, out) =>
      told({ exit: child.exitCode ?? 3, out }),
    );
  });
}

/** What is alike in every run: without progress, names that are made anew, times, and where the service had said where it listens. */
function shapeOf(transcript: string): string[] {
  const lines = transcript.split('\n').filter((line) => !line.startsWith('gatehouse: '));
  const said = /^Gatehouse listens|^The API token|^The board/;
  return [...lines.filter((line) => !said.test(line)), ...lines.filter((line) => said.test(line))].map((line) =>
    line
      .replace(/\b[0-9a-f]{12}\b/g, 'COMMIT')
      .replace(/\bt-[0-9a-f]{8}\b/g, 'TASK')
      .replace(/\d+(?:\.\d+)? m?s\b/g, 'TIME'),
  );
}

// node tools/docs/capture.mjs --out docs/first-landing.txt writes it anew.
testWhole('every command of the quick start of a queue runs, and first-landing.txt is what it prints', async () => {
  const said = capture();
  expect({ exit: said.exit, shape: shapeOf(said.out), err: said.err }).toEqual({
    exit: 0,
    shape: shapeOf(read('docs/first-landing.txt')),
    err: '',
  });
});

test('the README shows lines of that transcript, in its order', () => {
  const shown = /```text\n([\s\S]*?)```/.exec(read('README.md'))?.[1]?.trimEnd().split('\n') ?? [];
  const all = read('docs/first-landing.txt').split('\n');
  const places = shown.filter((line) => line !== '…').map((line) => all.indexOf(line));
  expect(places.length).toBeGreaterThan(5);
  expect(places).toEqual([...places].sort((left, right) => left - right));
  expect(places).not.toContain(-1);
});

testWhole('every command of the quick start in CI runs in a clone', async () => {
  const manifest = JSON.stringify({ name: 'app', private: true, scripts: { test: 'node --test' } });
  const forge = await Forge.make({
    'package.json': manifest,
    'a.test.js': "require('node:test').test('adds', () => {});\n",
  });
  const dir = join(scratchFolder(), 'clone');
  gitIn('/', 'clone', '--quiet', forge.path, dir);
  const said = capture('--page', join(ROOT, 'docs/quick-start-ci.md'), '--in', dir);
  expect(said).toMatchObject({ exit: 0, out: expect.stringContaining('PASS  check_branch_mergeable') });
  expect(sarifProblems(JSON.parse(readFileSync(join(dir, 'gatehouse.sarif'), 'utf8')))).toEqual([]);
  expect(readFileSync(join(dir, 'gatehouse.xml'), 'utf8')).toContain('<testsuite name="check_security_gate"');
});

const started: ChildProcess[] = [];
afterEach(async () => {
  for (const child of started.splice(0)) {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
  }
});

/** What `npm run gitea` prints, as a reader of the page starts it. */
async function giteaCommand(): Promise<string> {
  const child = spawn('npm', ['run', '--silent', 'gitea', '--prefix', join(ROOT, 'tools/doubles')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  let said = '';
  return new Promise((told) => {
    child.stdout.on('data', (part: Buffer) => {
      said += part.toString();
      if (/issues\/1\/comments\n/.test(said)) told(said);
    });
    child.on('close', () => told(said));
  });
}

testWhole(
  'every command of the quick start at a forge runs against the double that it names, and its pull request is merged',
  async () => {
    const shown = await giteaCommand();
    const url = /^export ORCH_GITEA_URL=(\S+)$/m.exec(shown)?.[1] ?? '';
    const token = /^export ORCH_GITEA_TOKEN=(\S+)$/m.exec(shown)?.[1] ?? '';
    expect(shown).toContain(`gatehouse repo add ${url}/org/app\n`);
    // What a person clicks: the label, and the label on the pull request.
    const typed = shown.split('\n').filter((line) => line.includes(' -d '));
    expect(typed).toHaveLength(2);
    for (const line of typed) expect(spawnSync('sh', ['-ec', line], { encoding: 'utf8' })).toMatchObject({ status: 0 });
    const puts = [`https://git.example=${url}`, 'owner/app=org/app', `...=${token}`];
    // A landing is written down before the forge is told of it, and the service of the page ends with the page.
    const comments = shown.trimEnd().split('\n').at(-1) ?? '';
    const said = await captureBeside(
      '--page',
      join(ROOT, 'docs/quick-start-forge.md'),
      '--last',
      `until ${comments} | grep -q 'landed on'; do sleep 1; done`,
      ...puts.flatMap((put) => ['--put', put]),
    );
    expect(said).toMatchObject({
      exit: 0,
      out: expect.stringMatching(/\$ gatehouse task ls\n[\s\S]*politely .*landed/),
    });
    expect(said.out).toContain('$ gatehouse repo add https://git.example/owner/app\nregistered app (');
    expect(said.out).not.toContain(token);
    const kept: unknown = JSON.parse(spawnSync('sh', ['-ec', comments], { encoding: 'utf8' }).stdout);
    expect(kept).toEqual([expect.objectContaining({ body: expect.stringContaining('landed on `main`') })]);
    const pull = await fetch(`${url}/api/v1/repos/org/app/pulls/1`, { headers: { authorization: `token ${token}` } });
    expect(await pull.json()).toMatchObject({ merged: true });
  },
);

test('a page whose command fails stops there, with its status', () => {
  const said = capture('--page', join(ROOT, 'docs/quick-start-ci.md'));
  expect(said.exit).not.toBe(0);
  expect(said.out).toContain('$ gatehouse init');
  expect(said.out).not.toContain('$ git add');
});

test('the example of the quick start of a library stands in the README of its package, whose examples are run', () => {
  const example = /```ts\n([\s\S]*?)```/.exec(read('docs/quick-start-library.md'))?.[1] ?? 'none';
  const pages = readdirSync(join(ROOT, 'packages')).map((name) => read(`packages/${name}/README.md`));
  expect(pages.filter((page) => /```ts\n([\s\S]*?)```/.exec(page)?.[1] === example)).toHaveLength(1);
});

test('every preset of an agent is an operator’s file that the service takes, reads the prompt as a file, and says where it is from', () => {
  const presets = parse(read('docs/agent-presets.yaml')) as Record<
    string,
    { documented: string; beware: string; agents: { command: string } }
  >;
  expect(Object.keys(presets)).toEqual(['claude', 'claude-counted', 'codex', 'opencode', 'aider']);
  for (const [name, { documented, beware, agents }] of Object.entries(presets)) {
    expect(parsePolicyFile(JSON.stringify({ version: 1, agents }), name)).toMatchObject({ kind: 'policy' });
    expect(agents.command).toContain('"$GATEHOUSE_PROMPT"');
    expect([documented, beware]).toEqual([expect.stringMatching(/^https:/), expect.stringMatching(/\w/)]);
  }
  const shown = /```yaml\n([\s\S]*?)```/.exec(read('docs/agents.md'))?.[1] ?? '';
  expect(parsePolicyFile(shown, 'agents.md')).toMatchObject({ kind: 'policy' });
  expect(shown).toContain(presets['claude']?.agents.command);
});
