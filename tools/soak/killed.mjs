/**
 * One round of kills and stops: the service is killed with SIGKILL and tasks are stopped at random instants, and all must
 * come to its end as it was answered.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { auditRun } from './audit.mjs';
import { random } from './random.mjs';
import { converge, enqueueAll, insideWindow } from './scene.mjs';

const MOST_PER_ROUND = 5;

/** `left`: how many kills and stops are still wanted. The plan of a round is decided by its seed and by that. */
export function planOf(seed, left) {
  const rng = random(seed);
  const some = () => 1 + Math.floor(rng() * MOST_PER_ROUND);
  return { kills: Math.min(Math.max(left.kills, 0), some()), stops: Math.min(Math.max(left.stops, 0), some()), rng };
}

/** What was done and what was found. */
export async function killedRound(scene, plan) {
  const service = scene.service();
  await service.start();
  await enqueueAll(service, scene);
  const { stops, inWindow } = await disturb(service, scene, plan);
  const stuck = await converge(scene);
  const code = await service.stop();
  const found = [
    ...(stuck === null ? [] : [stuck]),
    ...(code === 0 ? [] : [`the last service ended with ${code}`]),
    ...(await auditRun({ ...scene, stops })),
  ];
  const done = { kills: plan.kills, stops: stops.size, killsWhileLanding: inWindow };
  for (const answer of stops.values()) done[`stop: ${answer}`] = (done[`stop: ${answer}`] ?? 0) + 1;
  return { done, found };
}

async function disturb(service, scene, { kills, stops: wanted, rng }) {
  const moves = [...Array(kills).fill('kill'), ...Array(wanted).fill('stop')]
    .map((move) => ({ move, at: rng() }))
    .sort((one, other) => one.at - other.at);
  const stops = new Map();
  let inWindow = 0;
  for (const { move } of moves) {
    await chooseInstant(scene.dataDir, rng);
    if (move === 'kill') {
      await service.kill();
      inWindow += insideWindow(scene.dataDir);
      await service.start();
      continue;
    }
    const open = scene.branches.filter(({ name }) => !stops.has(name));
    const { name } = open[Math.floor(rng() * open.length)];
    const told = await service.ask(`/tasks/${scene.tasks.get(name)}/stop`, { reason: 'a random instant' });
    if (told !== null && told.status >= 300) throw new Error(`stop of ${name}: ${JSON.stringify(told)}`);
    stops.set(name, told === null ? 'lost' : told.body.outcome);
  }
  return { stops, inWindow };
}

/** Half of the time any instant; else one while a task is inside the critical window, or soon after. */
async function chooseInstant(dataDir, rng) {
  if (rng() < 0.5) return pause(200 + rng() * 2500);
  const deadline = Date.now() + 15_000;
  while (Date.now() < deadline && insideWindow(dataDir) === 0) await pause(25);
  return pause(rng() * 1200);
}
