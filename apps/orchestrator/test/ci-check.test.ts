/** `check_ci_green`: the forge's own checks where it has any for the commit, else the project's command; never silently green. */
import { type Gitea, startGitea } from '@gatehouse/doubles';
import { afterEach, describe, expect, test } from '@jest/globals';
import { checkCiGreen } from '../src/checks/ci-check.ts';
import type { ReportedByForge } from '../src/checks/port.ts';
import { giteaForge } from '../src/forges/gitea/gitea.ts';
import { contextFor } from './check-context.ts';
import { Forge, PROJECT } from './scratch-forge.ts';

const started: Gitea[] = [];
afterEach(async () => {
  for (const gitea of started.splice(0)) await gitea.close();
});

const WITH_COMMAND = { ...PROJECT, 'gatehouse.yaml': `${PROJECT['gatehouse.yaml']}ci: { command: sh check.sh }\n` };

async function verdictOn(files: typeof PROJECT, reported: ReportedByForge): Promise<string> {
  const forge = await Forge.make(files);
  forge.push({ branch: 'feature/x', from: 'main' }, { 'a.txt': 'a\n' });
  const context = await contextFor(forge, 'feature/x');
  const verdict = await checkCiGreen({ ...context, ports: { ...context.ports, reported: async () => reported } });
  return `${verdict.status}: ${verdict.reason.replace(/[0-9a-f]{12}/, 'COMMIT')}`;
}

describe('what the forge reports of the commit', () => {
  test.each<readonly [ReportedByForge, string]>([
    [{ kind: 'green', names: ['lint', 'unit'] }, 'pass: the forge reports COMMIT as green: lint, unit'],
    [{ kind: 'red', reason: 'lint ended as failure' }, 'fail: lint ended as failure'],
    [{ kind: 'pending', reason: 'lint still runs' }, 'defer: lint still runs'],
    [{ kind: 'unreachable', reason: 'no answer' }, 'defer: no answer'],
  ])('%j decides', async (reported, expected) => {
    expect(await verdictOn(WITH_COMMAND, reported)).toBe(expected);
  });

  test.each<ReportedByForge>([{ kind: 'none' }, { kind: 'unsupported', reason: 'it has no checks' }])(
    'where it says %j, the project’s command is run, and without one the check is skipped in words',
    async (reported) => {
      expect(await verdictOn(WITH_COMMAND, reported)).toBe('pass: `sh check.sh` ended with status 0');
      expect(await verdictOn(PROJECT, reported)).toBe(
        'skip: no forge reports a status and no ci.command is configured',
      );
    },
  );
});

test('a double of Gitea reports all checks where none is required, the required ones where some are, and never our own', async () => {
  const bare = await Forge.make(PROJECT);
  const commit = bare.push({ branch: 'feature/x', from: 'main' }, { 'a.txt': 'a\n' });
  const gitea = await startGitea({ path: bare.path });
  started.push(gitea);
  const credentials = new Map([['gitea', { token: gitea.token('queue'), sshKey: '', webhookSecret: '' }]]);
  const forge = giteaForge({ forge: 'gitea', url: gitea.cloneUrl, credential: 'gitea', credentials });
  const reported = async () => {
    const answer = await forge.reportedChecks?.({ commit, main: 'main' });
    return answer === undefined
      ? 'absent'
      : [answer.kind, 'names' in answer ? answer.names.join() : ''].join(' ').trim();
  };
  const report = (context: string, state: string) => gitea.as('dev', `POST statuses/${commit}`, { context, state });
  expect(await reported()).toBe('none');
  await report('gatehouse', 'pending');
  expect(await reported()).toBe('none');
  await report('lint', 'success');
  expect(await reported()).toBe('green lint');
  await report('unit', 'failure');
  expect(await reported()).toBe('red');
  gitea.protect({ rule_name: 'main', status_check_contexts: ['lint'] });
  expect(await reported()).toBe('green lint,unit');
  gitea.protect({ rule_name: 'main', status_check_contexts: ['deploy'] });
  expect(await reported()).toBe('pending');
});
