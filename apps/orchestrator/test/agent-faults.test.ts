/**
 * An agent's stage against what a machine, an agent or a person can do to it, one at a time, in one service. Each fault is shown to
 * have struck; it is said, nobody is blamed, the stage is passed when it is over, and nothing of the agent is left. A part of the
 * table is played everywhere, all of it with GATEHOUSE_REQUIRE_TOOLS=1.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { namesIn } from '../src/platform/files.ts';
import { processesNaming } from '../src/platform/processes.ts';
import { type RunningService, startService } from '../src/running-service.ts';
import { reap } from '../src/worker/reaper.ts';
import { AGENT_ROWS, type AgentStrike, STOPS } from './agent-faults/rows.ts';
import { ask, hurryProbe, type ShownTask, settingsFrom, taskOf, until } from './live-gatehouse.ts';
import type { Forge } from './scratch-forge.ts';
import { runOut } from './service-faults/scene.ts';
import { canMount, SmallWorld } from './service-faults/small-world.ts';
import { isWhole } from './tool-tests.ts';

const PART: readonly string[] = ['the agent is killed', 'the report is cut off', 'the push'];
const onLinux = process.platform === 'linux';
const STAGES = ['created', 'analysis', 'architecture', 'development', 'review', 'testing', 'deploy-staging'];

let world: SmallWorld;
let service: RunningService;
let count = 0;
beforeAll(async () => {
  if (!onLinux) return;
  world = new SmallWorld();
  world.enter();
  const env = { ORCH_POLL_S: '0.3', ORCH_MERGE_INFRA_BACKOFF_S: '0.1', ORCH_STOP_GRACE_S: '0.5' };
  const started = await startService(settingsFrom({ ORCH_DATA_DIR: world.data, ORCH_PORT: '0', ...env }), world.log);
  if (started.kind !== 'running') throw new Error(started.problem);
  service = started;
});
afterAll(async () => {
  await service?.stop();
  world?.close();
});

/** What every agent does that no fault meets: a commit, or the report that opens its stage. */
const agentAt = (desk: string): string => `. '${desk}'/agent-$GATEHOUSE_ROLE
case $GATEHOUSE_ROLE in
  developer) echo feature > feature.txt; git add feature.txt; git commit -qm feature; exit ;;
  analyst) mkdir -p "docs/work-items/$GATEHOUSE_TASK_NAME"; echo understood > "docs/work-items/$GATEHOUSE_TASK_NAME/01-analysis.md"; git add docs; git commit -qm analysis; exit ;;
  architect) front='architecture_status: DONE' ;;
  reviewer) front='verdict: APPROVED' ;;
  tester) front='result: PASS' ;;
esac
mkdir -p "\${GATEHOUSE_ARTEFACT%/*}"
printf -- '---\\n%s\\nattempt: "%s"\\n---\\nas it should be\\n' "$front" "$GATEHOUSE_ATTEMPT" > "$GATEHOUSE_ARTEFACT"
`;

/** No fault waits for an agent any more: a later attempt of the same one would meet it again. */
function calmAgents(): void {
  for (const role of ['analyst', 'architect', 'developer', 'reviewer', 'tester', 'deployer'])
    writeFileSync(join(world.desk, `agent-${role}`), ':\n');
}

/** A repository whose agents are that one, and a task in it. */
async function begin(strike: AgentStrike, code: string): Promise<{ id: string; repo: string; forge: Forge }> {
  count += 1;
  const repo = `a${count}`;
  const forge = await world.forge(repo, { ownDisk: false, measured: false });
  const agent = join(world.desk, 'agent.sh');
  writeFileSync(agent, agentAt(world.desk));
  calmAgents();
  const policy = join(world.desk, `${repo}.yaml`);
  const command = JSON.stringify(`. ${agent}`);
  writeFileSync(
    policy,
    `version: 1\nagents: { command: ${command}, timeout: 60s, env: [PATH] }\nci: { command: sh check.sh }\n`,
  );
  const registered = await ask(service, '/repos', {
    body: { id: repo, path: forge.path, policy_path: policy, profile: 'full' },
  });
  if (registered.status !== 201) throw new Error(registered.text);
  const added = await ask(service, '/tasks', { body: { repo, title: 'Add a feature', key: `K-${count}` } });
  if (added.status !== 201) throw new Error(added.text);
  const { id } = added.json as ShownTask;
  await until('a person is asked', async () => (await taskOf(service, id)).status === 'waiting');
  if ('agent' in strike) world.armAt(join(world.desk, `agent-${strike.agent}`), code, forge);
  else world.arm(strike, code, forge);
  const approved = await ask(service, `/tasks/${id}/approve`, { body: {} });
  if (approved.status !== 200) throw new Error(approved.text);
  return { id, repo, forge };
}

async function nothingIsLeft(repo: string): Promise<void> {
  await until('no process is left', async () => (await processesNaming(world.desk))?.length === 0);
  await until('its clone is gone', async () => (await namesIn(join(world.data, 'slots', repo))).length === 0);
}

/** The architect pushes as well: his branch may be what a fault strikes. Behind both is the review, and the tests behind that. */
const isPast = ({ stage }: ShownTask, than: string): boolean => STAGES.indexOf(stage) > STAGES.indexOf(than);

describe('a fault', () => {
  for (const { fault, strike, code, says, mend, needsDisk } of AGENT_ROWS) {
    if (!isWhole && !PART.includes(fault)) continue;
    const why = onLinux ? (needsDisk === true && !canMount ? 'needs the right to mount' : null) : 'needs Linux';
    (why === null ? test : test.skip)(why === null ? fault : `${fault} (${why})`, async () => {
      const since = world.lines.length;
      const { id, repo, forge } = await begin(strike, code);
      try {
        await until('it strikes', async () => world.fired);
        const heard = async () =>
          [
            ...world.lines.slice(since),
            JSON.stringify(await taskOf(service, id)),
            (await ask(service, `/tasks/${id}/events`)).text,
          ].join('\n');
        await until(`somebody reads ${says.source}`, async () => says.test(await heard()));
        calmAgents();
        world.calm();
        if (mend !== undefined) world.mend(mend, join(world.data, 'slots', repo));
        const end = await until('the stage is passed', async () => {
          const task = await taskOf(service, id);
          if (task.status === 'blocked') throw new Error(`blocked: ${task.reason}`);
          await hurryProbe(service);
          await runOut(service);
          await reap(service.context);
          return isPast(task, 'agent' in strike && strike.agent === 'reviewer' ? 'review' : 'development') && task;
        });
        expect(forge.git('show', `${end.branch}:feature.txt`)).toBe('feature');
        expect(forge.git('rev-list', '--count', `main..${end.branch}`)).toBe('2');
      } finally {
        world.calm();
        await ask(service, `/tasks/${id}/stop`, { body: { reason: 'the row is over' } });
      }
      await nothingIsLeft(repo);
    });
  }
});

describe('a stop that comes during', () => {
  for (const { at, strike } of STOPS) {
    if (!isWhole && !PART.includes(at)) continue;
    (onLinux ? test : test.skip)(at, async () => {
      const { id, repo, forge } = await begin(strike, 'until [ -e "$DESK/go" ]; do sleep 0.05; done');
      await until('it strikes', async () => world.fired);
      const stopped = await ask(service, `/tasks/${id}/stop`, { body: { reason: 'not wanted' } });
      expect(stopped.text).toContain('"outcome":"stopping"');
      const end = await until('it is settled', async () => {
        const task = await taskOf(service, id);
        return task.settled_at !== null && task;
      });
      expect(existsSync(join(world.desk, 'go'))).toBe(false);
      expect(end).toMatchObject({ stage: 'cancelled', stop: { reason: 'not wanted' } });
      expect(forge.git('for-each-ref', '--format=%(refname:short)', 'refs/heads/feature')).toBe('');
      expect(forge.mainMoves()).toHaveLength(1);
      world.calm();
      await nothingIsLeft(repo);
    });
  }
});
