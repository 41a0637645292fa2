/** The second repository of the demo: the same project, worked on by agents. Its forge, its operator's file, its script. */
import { join } from 'node:path';
import { importHistory } from '@gatehouse/git';
import { writeTextFile } from '@gatehouse/orchestrator/testing';
import { type FullProfileScenario, fullProfileScenarios, scriptOf } from './full-profile-scenarios.ts';
import { historyStream } from './history.ts';
import { agentsFile, firstFiles, operatorFile, secondFiles } from './project.ts';

export interface FullProfileSetup {
  readonly repo: string;
  readonly forge: string;
  readonly policy: string;
  /** One deployed commit a line. */
  readonly deployed: { readonly staging: string; readonly production: string };
  readonly scenarios: readonly FullProfileScenario[];
  /** What must reach no prompt. */
  readonly secret: string;
}

export type PrepareFullProfileResult =
  | ({ readonly kind: 'prepared' } & FullProfileSetup)
  | { readonly kind: 'unprepared'; readonly problem: string };

export interface PrepareFullProfileRequest {
  readonly root: string;
  readonly marker: string;
  readonly secret: string;
  readonly timeoutSeconds: number;
}

export async function prepareFullProfile({
  root,
  marker,
  secret,
  timeoutSeconds,
}: PrepareFullProfileRequest): Promise<PrepareFullProfileResult> {
  const scenarios = fullProfileScenarios(secret, `${marker}-agent`);
  const at = (name: string): string => join(root, name);
  const deployed = { staging: at('staging.log'), production: at('production.log') };
  const files: readonly (readonly [string, string])[] = [
    [at('agents.json'), JSON.stringify(scriptOf(scenarios), null, 2)],
    [
      at('operator-agents.yaml'),
      operatorFile(process.execPath, timeoutSeconds) + agentsFile(process.execPath, at('agents.json'), deployed),
    ],
  ];
  for (const [path, text] of files) {
    const written = await writeTextFile(path, text);
    if (written.kind !== 'written')
      return { kind: 'unprepared', problem: `${path} cannot be written: ${written.reason}` };
  }
  const stream = historyStream(
    [
      { message: 'a ledger', files: firstFiles },
      { message: 'ledger: reword', files: secondFiles },
    ],
    [],
    1_790_000_000,
  );
  const forge = at('forge-agents.git');
  const imported = await importHistory({ dir: forge, main: 'main', stream });
  if (imported.kind !== 'imported')
    return { kind: 'unprepared', problem: `the repository for agents cannot be made: ${imported.kind}` };
  return {
    kind: 'prepared',
    repo: 'agent-ledger',
    forge,
    policy: at('operator-agents.yaml'),
    deployed,
    scenarios,
    secret,
  };
}
