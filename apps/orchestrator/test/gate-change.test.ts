import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { ask, atRest, enqueue, register, serviceOn, taskOf, until } from './live-gatehouse.ts';
import { cli, onlyJson } from './recording-terminal.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

const manifest = (script: string) => `${JSON.stringify({ name: 'app', private: true, scripts: { test: script } })}\n`;
const DEFINITION = 'version: 1\ntest: { command: npm test, timeout: 60s }\n';

describe('a branch that changes what the trusted test command runs', () => {
  let forge: Forge;
  let head: string;

  beforeEach(async () => {
    forge = await Forge.make({
      ...PROJECT,
      'package.json': manifest('sh check.sh'),
      'gatehouse.yaml': DEFINITION,
    });
    head = forge.push({ branch: 'easy', from: forge.head('main') }, { 'package.json': manifest('true'), broken: '' });
  });

  test('is kept out, says which override it needs, and lands once an admin answers for it', async () => {
    const service = await serviceOn(join(scratchFolder(), 'data'));
    await register(service, forge.path);
    const task = await enqueue(service, 'easy');
    const kept = await atRest(service, task);
    expect(kept).toMatchObject({
      status: 'blocked',
      checks: [{ check: 'check_branch_mergeable', status: 'fail' }, {}, {}],
    });
    expect(kept.checks[0]?.findings).toMatchObject([
      { rule: 'gate-changed', message: expect.stringContaining('override') },
    ]);

    const override = { check: 'check_branch_mergeable', head_sha: head, reason: 'the check is gone on purpose' };
    expect((await ask(service, `/tasks/${task}/override`, { body: override })).status).toBe(200);
    const landed = await until('it lands', async () => {
      const now = await taskOf(service, task);
      return now.stage === 'done' && now;
    });
    expect(landed.landed_sha).not.toBeNull();
    const events = (await ask(service, `/tasks/${task}/events`)).json as { kind: string; actor: string }[];
    expect(events.filter(({ kind }) => kind === 'overridden')).toHaveLength(1);
  });

  test('is a fail in a shell, too, unless the caller answers for it', async () => {
    const words = ['gate', 'merge', '--repo', forge.path, '--branch', 'easy', '--json'];
    const refused = await cli(words);
    expect([refused.exit, onlyJson(refused)]).toEqual([1, expect.objectContaining({ status: 'fail' })]);
    const allowed = await cli([...words, '--allow-gate-change']);
    expect([allowed.exit, onlyJson(allowed)]).toEqual([0, expect.objectContaining({ status: 'pass' })]);
  });
});

test('a report the policy names is read instead of the output, and one that is not written is never green', async () => {
  const junit = '<testsuite tests="2" failures="0"><testcase name="a"/><testcase name="b"/></testsuite>';
  const report = 'version: 1\ntest: { command: sh check.sh, timeout: 60s, report: { format: junit, path: out.xml } }\n';
  const forge = await Forge.make({ ...PROJECT, 'gatehouse.yaml': report, 'check.sh': `echo '${junit}' > out.xml\n` });
  forge.push({ branch: 'tells', from: forge.head('main') }, { 'a.txt': 'a' });
  forge.push({ branch: 'silent', from: forge.head('main') }, { 'check.sh': 'true\n', 'out.xml': junit });
  const gate = (branch: string) => cli(['gate', 'merge', '--repo', forge.path, '--branch', branch, '--json']);
  expect((await gate('tells')).exit).toBe(0);
  const silent = await gate('silent');
  expect([silent.exit, onlyJson(silent)]).toEqual([3, expect.objectContaining({ cause: 'tool-failed' })]);
});
