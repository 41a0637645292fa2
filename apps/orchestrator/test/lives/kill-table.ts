/** The table of kills: at every kind of call that a clean life makes, before it is carried out and after. */
import { until } from '../live-gatehouse.ts';
import { type CallKind, recordCalls, SIDES, type StruckCall, strikeAt } from './calls.ts';
import type { ForgeName } from './forge-side.ts';
import { KilledLife, type Story } from './killed-life.ts';
import type { NewRepository } from './life.ts';

export interface KillRow extends StruckCall {
  readonly story: Story;
}

export interface KillScene {
  readonly forge: ForgeName;
  /** A repository of a life, to be copied. */
  readonly template: NewRepository;
}

const isOver = (killed: KilledLife): Promise<unknown> => until('all is over and told', () => killed.isOver());

/** A clean life, and a row for each kind of call and side of it. */
export async function rowsOf({ forge, template }: KillScene, story: Story): Promise<readonly KillRow[]> {
  const killed = await KilledLife.open(forge, story, template);
  try {
    const recorded = recordCalls(killed.outsides);
    await killed.begin();
    await isOver(killed);
    const calls: readonly CallKind[] = recorded();
    for (const { faults } of killed.outsides) faults.clear();
    await killed.expectOnce();
    return calls.flatMap((call) => SIDES.map((side) => ({ ...call, side, story })));
  } finally {
    await killed.close();
  }
}

/** Null: the service was killed there, and another one brought all to its end, once. Text: what was not so. */
export async function playKill(scene: KillScene, row: KillRow): Promise<string | null> {
  const killed = await KilledLife.open(scene.forge, row.story, scene.template);
  try {
    const hasStruck = strikeAt(killed.outsides, row, () => killed.service.kill());
    await killed.begin();
    await until('the service is killed, or all is over', async () => hasStruck() || (await killed.isOver()));
    if (!hasStruck()) return 'the call was not made';
    await until('the service is gone', async () => killed.service.endedBy() === 'SIGKILL');
    for (const { faults } of killed.outsides) faults.clear();
    await killed.startAgain();
    await isOver(killed);
    return await killed.expectOnce().then(
      () => null,
      (thrown: unknown) => String(thrown instanceof Error ? thrown.message : thrown),
    );
  } finally {
    await killed.close();
  }
}

export const nameOfRow = ({ story, outside, kind, side }: KillRow): string => `${story}: ${outside} ${kind}, ${side}`;
