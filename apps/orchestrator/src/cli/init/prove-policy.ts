/** Runs a first definition on main as the gate will, so that nobody commits one that main itself fails. */
import { join } from 'node:path';
import type { CommandRun } from '@gatehouse/gate-run';
import type { GitRepo } from '@gatehouse/git';
import { createBaseRunQueue, memoryTests } from '@gatehouse/merge-gate';
import { probeMain } from '../../checks/probe-main.ts';
import { makeDirectory } from '../../platform/files.ts';
import { maskText } from '../../platform/mask-text.ts';
import { loadProposed } from '../../policy/load-policy.ts';
import type { Settings } from '../../settings.ts';
import { outputOf } from '../formats/failing-lines.ts';
import type { OutputView } from '../formats/report.ts';

export interface ProvePolicy {
  readonly git: GitRepo;
  readonly base: string;
  readonly text: string;
  /** The same with coverage switched on, tried once the tests are green; null: nothing measures it. */
  readonly measuring: string | null;
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
  /** Null: not tried. */
  readonly coverage: CoverageProof | null;
}

/** Whether coverage could be measured on main. */
export interface CoverageProof {
  readonly isMeasured: boolean;
  readonly reason: string;
  readonly output: OutputView | null;
}

/** The tests, and once they are green the coverage. */
export async function provePolicy(request: ProvePolicy): Promise<PolicyProof> {
  const started = performance.now();
  const tested = await probe(request, { work: 'test', text: request.text });
  const { word, reason, last } = tested;
  const coverage =
    word === 'green' && request.measuring !== null ? await proveCoverage(request, request.measuring) : null;
  return {
    ...{ status: word, reason, coverage },
    tests: last?.tests?.total ?? null,
    durationMs: Math.round(performance.now() - started),
    output: word === 'green' || last === undefined ? null : await outputOf(last),
  };
}

async function proveCoverage(request: ProvePolicy, text: string): Promise<CoverageProof> {
  const { word, reason, last } = await probe(request, { work: 'coverage', text });
  const isMeasured = word === 'green';
  return { isMeasured, reason, output: isMeasured || last === undefined ? null : await outputOf(last) };
}

interface Probed {
  readonly word: Exclude<PolicyProof['status'], 'skipped'>;
  readonly reason: string;
  readonly last: CommandRun | undefined;
}

async function probe(
  { git, base, directory, settings, signal, onRun }: ProvePolicy,
  { work, text }: { readonly work: 'test' | 'coverage'; readonly text: string },
): Promise<Probed> {
  const logDir = join(directory, 'logs');
  await makeDirectory(logDir);
  const failed = (reason: string): Probed => ({ word: 'trouble', reason, last: undefined });
  const loaded = await loadProposed({ git, base, text, settings, signal });
  if (loaded.kind === 'invalid') return failed(loaded.problems.join('; '));
  if (loaded.kind !== 'policy') return failed(loaded.reason);
  const runs: CommandRun[] = [];
  const probed = await probeMain({
    ...{ work, repo: 'shell', fresh: true, base, git, settings, signal, policy: loaded.policy },
    workspace: { slotDir: join(directory, 'slot'), reportsDir: logDir, logDir },
    line: createBaseRunQueue(),
    tests: memoryTests(),
    record: async (run) => {
      runs.push(run);
      onRun(run);
    },
  });
  const word = probed.kind === 'trouble' ? 'trouble' : probed.word;
  return { word, reason: await maskText(probed.reason), last: runs.at(-1) };
}
