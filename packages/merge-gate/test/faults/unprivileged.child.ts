/**
 * A service without privileges: one round, reported in `first`; when `healed` appears, rounds until the change has landed,
 * reported in `last`. `unprivileged.child.ts ROOT DESK POLICY`.
 */
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { RecordedRun } from '../../src/index.ts';
import { attempt, placesIn, type RoundEnd } from './queue.ts';
import { recordIn } from './scene.ts';

const [root = '', desk = '', policy = ''] = process.argv.slice(2);
const runs: RecordedRun[] = [];

const round = (): Promise<RoundEnd> =>
  attempt({
    ...placesIn(root),
    branch: 'task',
    holder: 'unprivileged',
    policy: JSON.parse(policy),
    before: (phase) => writeFileSync(join(desk, 'phase'), phase),
    onRun: (run) => {
      runs.push(run);
      recordIn(desk, run);
    },
  });

function tell(name: string, end: RoundEnd): void {
  writeFileSync(join(desk, `${name}.half`), JSON.stringify({ end, runs }));
  renameSync(join(desk, `${name}.half`), join(desk, name));
}

let end = await round();
tell('first', end);
while (!existsSync(join(desk, 'healed'))) await setTimeout(5);
for (let asked = 0; asked < 8; asked += 1) {
  end = await round();
  if (end.kind === 'landed' || (end.kind === 'judged' && end.status === 'fail')) break;
}
tell('last', end);
