/** What the demo is played on: a forge with the branches, the operator's file for it, and the second repository for agents. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { importHistory } from '@gatehouse/git';
import { makeDirectory, writeTextFile } from '@gatehouse/orchestrator/testing';
import { type FullProfileSetup, prepareFullProfile } from './full-profile-setup.ts';
import { historyStream } from './history.ts';
import { firstFiles, operatorFile, secondFiles } from './project.ts';
import { fakeToken, type Scenario, scenarios } from './scenarios.ts';

const TEST_TIMEOUT_S = 15;

export interface DemoSetup {
  readonly repo: string;
  readonly forge: string;
  readonly policy: string;
  /** On the command line of every process that a branch or an agent leaves behind. */
  readonly marker: string;
  readonly scenarios: readonly Scenario[];
  readonly full: FullProfileSetup;
}

export type PrepareDemoResult =
  | ({ readonly kind: 'prepared' } & DemoSetup)
  | { readonly kind: 'unprepared'; readonly problem: string };

/** Makes everything below `root`, which is empty. */
export async function prepareDemo(root: string): Promise<PrepareDemoResult> {
  const marker = `gatehouse-demo-${randomBytes(8).toString('hex')}`;
  const branches = scenarios(marker);
  const forge = join(root, 'forge.git');
  const policy = join(root, 'operator.yaml');
  const made = await makeDirectory(root);
  const written =
    made.kind === 'written' ? await writeTextFile(policy, operatorFile(process.execPath, TEST_TIMEOUT_S)) : made;
  if (written.kind !== 'written')
    return { kind: 'unprepared', problem: `${policy} cannot be written: ${written.reason}` };
  const stream = historyStream(
    [
      { message: 'a ledger', files: firstFiles },
      { message: 'ledger: reword', files: secondFiles },
    ],
    branches,
    1_790_000_000,
  );
  const imported = await importHistory({ dir: forge, main: 'main', stream });
  if (imported.kind === 'git-failed' && imported.trouble === 'missing-git')
    return { kind: 'unprepared', problem: 'git is not installed or not on PATH; install git 2.39 or newer' };
  if (imported.kind !== 'imported') {
    const why = imported.kind === 'git-failed' ? imported.stderr : imported.kind;
    return { kind: 'unprepared', problem: `the demo's repository cannot be made: ${why}` };
  }
  const request = { root, marker, secret: fakeToken(), timeoutSeconds: TEST_TIMEOUT_S };
  const full = await prepareFullProfile(request);
  return full.kind === 'prepared'
    ? { kind: 'prepared', repo: 'pocket-ledger', forge, policy, marker, scenarios: branches, full }
    : full;
}
