import { outputText, runInGroup } from '@gatehouse/proc-group';

const run = await runInGroup({
  command: 'sh',
  args: ['-c', 'echo tests are running; setsid sleep 60 & wait'],
  timeoutMs: 500,
  graceMs: 200,
});

switch (run.kind) {
  case 'exited':
    console.log(`exit code ${run.code}`);
    break;
  case 'timeout':
    console.log(`too slow; it said: ${outputText(run.stdout).trim()}`);
    console.log(`processes left: ${run.containment.leaked ?? 'unknown'}`);
    break;
  default:
    console.log(run.kind);
}
