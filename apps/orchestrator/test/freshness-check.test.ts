import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandRun } from '@gatehouse/gate-run';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { QG_CHECKS } from '../src/checks/registry.ts';
import { contextFor } from './check-context.ts';
import { until } from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

describe('what the freshness check tells', () => {
  let forge: Forge;
  let sha: string;
  beforeAll(async () => {
    forge = await Forge.make(PROJECT, scratchFolder());
    forge.push({ branch: 'x', from: 'main' }, { 'a.txt': 'a' });
    sha = forge.head('x').slice(0, 12);
  });

  async function told(freshness: string, staging: string, signal?: AbortSignal) {
    const folder = scratchFolder();
    const operatorFile = join(folder, 'operator.yaml');
    const within = (command: string) => command.replaceAll('@', folder);
    const deploy = { freshness: within(freshness), staging: within(staging) };
    writeFileSync(operatorFile, JSON.stringify({ version: 1, deploy }));
    const context = await contextFor(forge, 'x', { operatorFile });
    const runs: string[] = [];
    const record = async ({ purpose, outcome, exitCode }: CommandRun) =>
      void runs.push(`${purpose} ${outcome} ${exitCode ?? 'none'}`);
    const verdict = await QG_CHECKS.check_image_freshness({
      ...context,
      ports: { ...context.ports, record },
      ...(signal === undefined ? {} : { signal }),
    });
    return { status: verdict.status, reason: verdict.reason.replaceAll(sha, 'SHA'), runs, folder };
  }

  test('that staging ran another commit than the one that lands, where no command asks', async () => {
    const operatorFile = join(scratchFolder(), 'operator.yaml');
    writeFileSync(operatorFile, JSON.stringify({ version: 1, deploy: { staging: 'true' } }));
    const context = await contextFor(forge, 'x', { operatorFile });
    const about = (tested: string) =>
      QG_CHECKS.check_image_freshness({ ...context, subject: { ...context.subject, tested } });
    const off = 'no deploy.freshness command is configured';
    expect(await about(forge.head('x'))).toMatchObject({ status: 'skip', reason: off });
    const main = forge.head('main');
    const words = `${off}; staging ran ${sha}, and ${main.slice(0, 12)} is what lands`;
    expect(await about(main)).toMatchObject({ status: 'skip', reason: words });
  });

  const SPEAKS = 'echo image-of-tuesday; echo pulled-late >&2';
  const SAID = 'it said: image-of-tuesday | pulled-late';
  const STALE = 'staging is stale: it does not run SHA';
  const ONCE = '[ -e "@/staged" ] || exit 10';
  const TOKEN = ['gh', 'p_', 'Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d'].join('');
  test.each([
    ['fresh', SPEAKS, '', 'pass', `staging is fresh: it runs SHA; ${SAID}`, ['freshness green 0']],
    [
      'stale, and fresh after staging ran again',
      `${SPEAKS}; ${ONCE}`,
      'touch "@/staged"',
      'pass',
      `staging is fresh: it was stale, deploy.staging was run again, and it runs SHA; ${SAID}`,
      ['freshness red 10', 'staging green 0', 'freshness-again green 0'],
    ],
    [
      'stale for ever',
      `${SPEAKS}; exit 10`,
      'true',
      'defer',
      `${STALE}, although deploy.staging was run again; ${SAID}`,
      ['freshness red 10', 'staging green 0', 'freshness-again red 10'],
    ],
    [
      'stale without a word',
      'exit 10',
      'true',
      'defer',
      `${STALE}, although deploy.staging was run again; it printed nothing`,
      ['freshness red 10', 'staging green 0', 'freshness-again red 10'],
    ],
    [
      'stale without a way to deploy',
      `${SPEAKS}; exit 10`,
      '',
      'error',
      `${STALE}, and no deploy.staging command is configured; ${SAID}`,
      ['freshness red 10'],
    ],
    [
      'stale, and staging fails',
      'exit 10',
      'echo no-room >&2; exit 4',
      'defer',
      `${STALE}, deploy.staging was run again and ended with exit 4 for SHA; it said: no-room`,
      ['freshness red 10', 'staging red 4'],
    ],
    [
      'broken at once',
      'echo no-route; exit 3',
      'true',
      'defer',
      'deploy.freshness ended with exit 3 for SHA; it said: no-route',
      ['freshness red 3'],
    ],
    [
      'broken after staging ran again',
      'if [ -e "@/staged" ]; then exit 3; else exit 10; fi',
      'touch "@/staged"',
      'defer',
      'deploy.staging was run again, and then deploy.freshness ended with exit 3 for SHA; it printed nothing',
      ['freshness red 10', 'staging green 0', 'freshness-again red 3'],
    ],
    [
      'more than is shown, a secret at the cut',
      `printf '%s ' ${TOKEN}; printf 'x%.0s' $(seq 285); exit 3`,
      'true',
      'defer',
      `deploy.freshness ended with exit 3 for SHA; it said: (… 26 characters before this) ${'*'.repeat(14)} ${'x'.repeat(285)}`,
      ['freshness red 3'],
    ],
  ])('%s', async (_title, freshness, staging, status, reason, runs) => {
    expect(await told(freshness, staging)).toMatchObject({ status, reason, runs });
  });

  test.each([
    ['the question', 'touch "@/begun"; sleep 600', 'true', 'freshness'],
    ['the deployment', 'exit 10', 'touch "@/begun"; sleep 600', 'staging'],
  ])('%s ends when it is stopped, and is on record', async (_title, freshness, staging, purpose) => {
    const stop = new AbortController();
    const marks = scratchFolder();
    const at = (command: string) => command.replaceAll('@', marks);
    const answer = told(at(freshness), at(staging), stop.signal);
    await until('it runs', async () => existsSync(join(marks, 'begun')));
    stop.abort(new Error('not wanted'));
    const { status, runs } = await answer;
    expect([status, runs.at(-1)]).toEqual(['defer', `${purpose} infra none`]);
  });
});
