/** The outcome of the demo as a table for people and one object for tools. */
import { type Answer, EXIT, table } from '@gatehouse/orchestrator/testing';
import type { AuditResult, BranchEnding } from './audit.ts';
import type { AuditFullProfileResult } from './full-profile-audit.ts';

/** What was late is held against the rest as it stands: a demo that hangs says what is wrong, too. */
export function report(branches: AuditResult, agents: AuditFullProfileResult, late: readonly string[]): Answer {
  const { endings } = branches;
  const breaches = [...late, ...branches.breaches, ...agents.breaches];
  const rows = endings.map((ending) => [
    ending.scenario.name,
    verdictOf(ending),
    placeOf(ending),
    ending.asExpected ? 'yes' : 'NO',
    ending.why.slice(0, 110),
  ]);
  const worked = agents.endings.map(({ scenario, task, landed, asExpected, why }) => [
    `agents: ${scenario.name}`,
    landed ? 'pass' : workEnd(task),
    landed ? 'main' : `${task?.stage ?? 'nowhere'} (${task?.status ?? 'missing'})`,
    asExpected ? 'yes' : 'NO',
    why.slice(0, 110),
  ]);
  const text = [
    table(['scenario', 'verdict', 'where it ended', 'as it must', 'why'], [...rows, ...worked]),
    '',
    ...(breaches.length === 0
      ? [
          'main holds exactly what may land, every landed commit is the tested one, main only moved forward, no process is left.',
        ]
      : breaches.map((breach) => `BROKEN: ${breach}`)),
  ];
  const json = {
    ok: breaches.length === 0,
    breaches,
    scenarios: [
      ...endings.map((ending) => ({
        name: ending.scenario.name,
        verdict: verdictOf(ending),
        ended: placeOf(ending),
        as_expected: ending.asExpected,
        why: ending.why,
        landed_sha: ending.task?.landedSha ?? null,
      })),
      ...agents.endings.map((ending) => ({
        name: `agents: ${ending.scenario.name}`,
        verdict: ending.landed ? 'pass' : workEnd(ending.task),
        ended: ending.task?.stage ?? 'nowhere',
        as_expected: ending.asExpected,
        why: ending.why,
        landed_sha: ending.task?.landedSha ?? null,
      })),
    ],
  };
  return { exit: breaches.length === 0 ? EXIT.pass : EXIT.fail, text, json };
}

const verdictOf = ({ landed, stopper, task }: BranchEnding): string =>
  landed ? 'pass' : (task?.state.ended ?? stopper?.status ?? 'none');
const placeOf = ({ landed, stopper, task }: BranchEnding): string =>
  landed ? 'main' : task?.stage === 'cancelled' ? 'cancelled' : whereItStands(stopper, task);
const whereItStands = (stopper: BranchEnding['stopper'], task: BranchEnding['task']): string =>
  `${stopper?.check ?? task?.stage ?? 'nowhere'} (${task?.status ?? 'missing'})`;
const workEnd = (task: BranchEnding['task']): string => task?.state.ended ?? task?.state.blocked?.cause ?? 'none';
