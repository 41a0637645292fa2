/** Runs a first definition on main as the gate will, so that nobody commits one that main itself fails. */
import { join } from 'node:path';
import type { CommandRun } from '@gatehouse/gate-run';
import type { GitRepo } from '@gatehouse/git';
import { createBaseRunQueue, memoryTests } from '@gatehouse/merge-gate';
import { probeMain } from '../../checks/probe-main.ts';
import { makeDirectory, writeTextFile } from '../../platform/files.ts';
import { maskText } from '../../platform/mask-text.ts';
import { loadPolicy } from '../../policy/load-policy.ts';
import type { Settings } from '../../settings.ts';
import { outputOf } from '../formats/failing-lines.ts';
import type { OutputView } from '../formats/report.ts';

export interface ProvePolicy {
  readonly git: GitRepo;
  readonly base: string;
  readonly text: string;
  /** Private; removed by the caller. */
  readonly directory: string;
  readonly settings: Settings;
  readonly signal: AbortSignal;
  readonly onRun: (run: CommandRun) => void;
}

/** `green` is the only proof. `trouble`: the machine, or git, stood in the way. */
export interface PolicyProof {
  readonly status: 'green' | 'red' | 'none' | 'trouble' | 'skipped';
  readonly reason: string;
  readonly tests: number | null;
  readonly durationMs: number;
  readonly output: OutputView | null;
}

export async function provePolicy(request: ProvePolicy): Promise<PolicyProof> {
  const { git, base, text, directory, settings, signal, onRun } = request;
  const started = performance.now();
  const file = join(directory, 'gatehouse.yaml');
  const logDir = join(directory, 'logs');
  await writeTextFile(file, text);
  await makeDirectory(logDir);
  const failed = (reason: string): PolicyProof => ({
    status: 'trouble',
    reason,
    tests: null,
    durationMs: 0,
    output: null,
  });
  const loaded = await loadPolicy({ git, base, operatorFile: file, settings, signal });
  if (loaded.kind === 'invalid') return failed(loaded.problems.join('; '));
  if (loaded.kind !== 'policy') return failed(loaded.reason);
  const runs: CommandRun[] = [];
  const probed = await probeMain({
    ...{ work: 'test', repo: 'shell', fresh: true, base, git, settings, signal, policy: loaded.policy },
    workspace: { slotDir: join(directory, 'slot'), reportsDir: logDir, logDir },
    line: createBaseRunQueue(),
    tests: memoryTests(),
    record: async (run) => {
      runs.push(run);
      onRun(run);
    },
  });
  const last = runs.at(-1);
  const status = probed.kind === 'trouble' ? 'trouble' : probed.word;
  return {
    status,
    reason: await maskText(probed.reason),
    tests: last?.tests?.total ?? null,
    durationMs: Math.round(performance.now() - started),
    output: status === 'green' || last === undefined ? null : await outputOf(last),
  };
}
