/** The package that `npm i gatehouse` installs: packed from the sources, installed from the tarball into an empty project, used. */

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { nodeProblem } from '../src/cli/node-version.ts';
import { processesNaming } from '../src/platform/processes.ts';
import { VERSION } from '../src/platform/version.ts';
import { until } from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';
import { testWhole } from './tool-tests.ts';

const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url));
const folder = scratchFolder();
const project = join(folder, 'project');
const installed = join(project, 'node_modules/.bin/gatehouse');
/** The caller's, without what the checkout lends. */
const PATH = [dirname(process.execPath), ...(process.env['PATH'] ?? '').split(delimiter)]
  .filter((entry) => !entry.startsWith(CHECKOUT) || entry === dirname(process.execPath))
  .join(delimiter);
const env = { PATH, HOME: folder, TMPDIR: folder, npm_config_cache: join(folder, 'npm-cache') };

/** A tarball as npm makes one; of a package that is installed here, so that no registry is asked. */
function tarball(from: string, ...leftOut: string[]): string {
  const path = join(folder, `${from.split('/').at(-1)}.tgz`);
  const words = [...leftOut.map((name) => `--exclude=${name}`), '--transform', 's,^\\.,package,', '-C', from, '.'];
  execFileSync('tar', ['-czf', path, ...words]);
  return path;
}

const gatehouse = (...words: string[]) => spawnSync(installed, words, { cwd: project, env, encoding: 'utf8' });

beforeAll(() => {
  const out = join(folder, 'package');
  execFileSync(process.execPath, [join(CHECKOUT, 'tools/pack-command.mjs'), '--out', out]);
  const words = ['pack', '--silent', '--pack-destination', folder, out];
  const packed = join(folder, execFileSync('npm', words, { env, encoding: 'utf8' }).trim());
  const sqlite = dirname(createRequire(import.meta.url).resolve('better-sqlite3/package.json'));
  const addon = join(dirname(realpathSync(sqlite)), 'node-addon-api');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "private": true }\n');
  const tarballs = [packed, tarball(realpathSync(sqlite), './deps', './src'), tarball(realpathSync(addon))];
  const flags = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
  execFileSync('npm', ['install', ...flags, ...tarballs], { cwd: project, env });
});

describe('the installed package', () => {
  test('has one runtime dependency, says where it comes from, and holds its papers and no source of a test', () => {
    const home = join(project, 'node_modules/@gatehouse/cli');
    const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as Record<string, unknown>;
    expect(manifest).toMatchObject({
      name: '@gatehouse/cli',
      version: VERSION,
      license: 'MIT',
      bin: { gatehouse: 'dist/main.js' },
      engines: { node: '>=22.18' },
      dependencies: { 'better-sqlite3': expect.any(String) },
      repository: { type: 'git', url: expect.stringMatching(/^git\+https:/) },
      keywords: expect.arrayContaining(['merge-queue']),
    });
    expect(Object.keys(manifest['dependencies'] as object)).toHaveLength(1);
    expect(readdirSync(home).sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'THIRD-PARTY.md',
      'dist',
      'package.json',
    ]);
    for (const bundled of ['commander', 'hono', 'zod', 'yaml'])
      expect(readFileSync(join(home, 'THIRD-PARTY.md'), 'utf8')).toContain(`\n## ${bundled} `);
    expect(readFileSync(join(home, 'CHANGELOG.md'), 'utf8')).toMatch(/^# gatehouse\n\n## /);
    const links = [...readFileSync(join(home, 'README.md'), 'utf8').matchAll(/\]\((?!https?:)([^)]+)\)/g)];
    expect(links.map(([, to = '']) => to).filter((to) => !existsSync(join(home, to)))).toEqual([]);
  });

  test('answers --version, --help and a command that runs', () => {
    expect(gatehouse('--version')).toMatchObject({ status: 0, stdout: `${VERSION}\n`, stderr: '' });
    expect(gatehouse('--help')).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('gatehouse') });
    expect(gatehouse('run', '--', 'sh', '-c', 'echo out; exit 7')).toMatchObject({ status: 7, stdout: 'out\n' });
    expect(gatehouse('run')).toMatchObject({ status: 125, stderr: expect.stringContaining('gatehouse run --timeout') });
  });

  testWhole('a gate finds a secret, in a thread of its own, and reads code in another', async () => {
    const forge = await Forge.make(PROJECT, join(folder, 'forge'));
    const token = ['gh', 'p_', 'Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d'].join('');
    forge.push({ branch: 'leak', from: 'main' }, { key: `${token}\n` });
    forge.push({ branch: 'good', from: 'main' }, { 'a.txt': 'a' });
    const leak = gatehouse('gate', 'security', '--repo', forge.path, '--branch', 'leak', '--json');
    expect([leak.status, JSON.parse(leak.stdout)]).toMatchObject([1, { status: 'fail', findings: [{ path: 'key' }] }]);
    const good = gatehouse('gate', 'all', '--repo', forge.path, '--branch', 'good', '--json');
    expect([good.status, JSON.parse(good.stdout)]).toMatchObject([0, { status: 'pass' }]);
  });

  test('a report is read, and a tool of the checkout says where it is', () => {
    writeFileSync(join(project, 'lcov.info'), 'SF:a.js\nDA:1,1\nend_of_record\n');
    expect(gatehouse('coverage', 'read', 'lcov.info')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('1 of 1'),
    });
    expect(gatehouse('demo')).toMatchObject({ status: 3, stderr: expect.stringContaining('checkout') });
  });

  testWhole('serves: the store is made by its migrations, and a signal ends it', async () => {
    const settings = { ORCH_PORT: '0', ORCH_DATA_DIR: join(folder, 'data'), ORCH_ISOLATION: 'none' };
    const service = spawn(installed, ['serve'], { cwd: project, env: { ...env, ...settings } });
    let said = '';
    service.stdout.on('data', (bytes) => {
      said += String(bytes);
    });
    let wrong = '';
    service.stderr.on('data', (bytes) => {
      wrong += String(bytes);
    });
    const ended = new Promise((resolve) => service.once('close', resolve));
    try {
      const url = await until('it listens', async () => {
        if (service.exitCode !== null) throw new Error(`it ended: ${wrong}`);
        return /listens on (http\S+)/.exec(said)?.[1];
      });
      const ready = await until('it is ready', async () => {
        const answer = await fetch(`${url}/readyz`);
        return answer.ok && answer;
      });
      expect(ready.status).toBe(200);
      const login = await (await fetch(`${url}/`, { headers: { accept: 'text/html' } })).text();
      const [, stylesheet = ''] = /<link rel="stylesheet" href="([^"]+)"/.exec(login) ?? [];
      const styled = await fetch(new URL(stylesheet, url));
      expect([styled.status, styled.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8']);
    } finally {
      service.kill('SIGTERM');
    }
    expect(await ended).toBe(0);
    expect(said).toMatch(/\nGatehouse ends; what is under way goes on when it is started again\n$/);
    const checked = spawnSync(installed, ['doctor', '--store'], {
      cwd: project,
      env: { ...env, ...settings },
      encoding: 'utf8',
    });
    expect(checked).toMatchObject({ status: 0, stdout: expect.stringMatching(/every page and index checked/) });
    expect(await processesNaming(join(folder, 'data'))).toEqual([]);
  });
});

describe('a Node that is too old', () => {
  test.each([
    ['18.20.8', false],
    ['22.17.1', false],
    ['22.18.0', true],
    ['24.0.0', true],
  ])('%s: %p', (version, fits) => {
    const problem = nodeProblem(version);
    expect(problem === null).toBe(fits);
    if (problem !== null)
      expect(problem).toMatch(new RegExp(`^gatehouse needs Node 22.18 or newer and this is ${version}; install`));
  });

  test('is told one sentence by the packed entry, with status 3', () => {
    const main = join(project, 'node_modules/@gatehouse/cli/dist/main.js');
    const older = (process.env['PATH'] ?? '')
      .split(delimiter)
      .map((entry) => join(entry, 'node'))
      .find((node) => existsSync(node) && nodeProblem(versionOf(node)) !== null);
    const words = [main, '--help'];
    // Where no older one is installed, this one says that it is older.
    const pretend = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.20.2'})`;
    const said =
      older === undefined
        ? spawnSync(process.execPath, ['--import', pretend, ...words], { env, encoding: 'utf8' })
        : spawnSync(older, words, { env, encoding: 'utf8' });
    expect(said).toMatchObject({ status: 3, stdout: '' });
    expect(said.stderr).toMatch(/^gatehouse needs Node 22\.18 or newer and this is \d+\.\d+\.\d+; install .*\n$/);
  });
});

const versionOf = (node: string): string =>
  spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout.trim();
