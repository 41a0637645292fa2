// Makes the runs of one identity for soak/shapes.mjs: one JSON line in, one out. Its user and what it sees are already those
// that the soak wants.
import { createInterface } from 'node:readline';
import { runInGroup } from '@gatehouse/proc-group';

for await (const line of createInterface({ input: process.stdin })) {
  const { script, seconds, containment } = JSON.parse(line);
  const run = await runInGroup({
    command: '/bin/sh',
    args: ['-c', script, seconds],
    timeoutMs: 3000,
    graceMs: 150,
    containment,
    cwd: '/tmp',
  });
  const { kind, level = null, containment: held = {} } = run;
  console.log(JSON.stringify({ kind, level, ...held, leftovers: held.leftovers?.length, reason: run.reason }));
}
