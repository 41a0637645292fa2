/**
 * The steps of a merge, carried out by a service that is not root and loses a right in the middle. As in the table of
 * faults: the right family, no change blamed, nothing lost, and with the right given back the change lands.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { RecordedRun } from '@gatehouse/merge-gate';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { STEPS } from './faults/faults.ts';
import { expectNothingLost } from './faults/nothing-lost.ts';
import type { RoundEnd } from './faults/queue.ts';
import { giveBack, LOST_RIGHTS, type LostRight, loseCode, take, UID, whyNobody } from './faults/rights.ts';
import { makeTemplate, Scene } from './faults/scene.ts';
import { isWhole } from './faults/whole.ts';

const CHILD = fileURLToPath(new URL('./faults/unprivileged.child.ts', import.meta.url));
const FLAGS = ['--conditions=gatehouse:src', '--disable-warning=ExperimentalWarning'];
/** How the kernel refuses, in the words of a shell, of git and of Node. */
const REFUSAL = /[Pp]ermission denied|insufficient permission|EACCES|EPERM|not permitted/;

const impossible = whyNobody(process.execPath, CHILD);
const templates = { plain: '', attributes: '' };
const met = new Set<string>();

beforeAll(() => {
  if (impossible !== null) return;
  templates.plain = makeTemplate();
  templates.attributes = makeTemplate({ '.gitattributes': '*.lock merge=binary\n' });
  for (const template of Object.values(templates)) chmodSync(template, 0o755);
  // The service of each row strips the same types: it keeps them where it may write.
  mkdirSync(join(templates.plain, 'compiled'));
  execFileSync('chown', [`${UID}:${UID}`, join(templates.plain, 'compiled')]);
});
afterAll(() => {
  for (const template of Object.values(templates)) rmSync(template, { recursive: true, force: true });
});

interface Told {
  readonly end: RoundEnd;
  readonly runs: readonly RecordedRun[];
}

/** A scene that belongs to the service, down to its last file. */
function openScene(lost: LostRight): Scene {
  const scene = new Scene({ template: lost.step === 'rebase in the slot' ? templates.attributes : templates.plain });
  for (const place of ['leases/before', 'logs']) mkdirSync(join(scene.home, place), { recursive: true });
  writeFileSync(join(scene.desk, 'runs'), '');
  scene.arm(lost.at === 'start' ? { code: '' } : { ...lost.at, code: loseCode(scene, lost) });
  for (const place of [scene.root, scene.desk]) execFileSync('chown', ['-R', `${UID}:${UID}`, place]);
  return scene;
}

async function appears(scene: Scene, name: string, child: ChildProcess): Promise<void> {
  const path = join(scene.desk, name);
  while (!existsSync(path)) {
    const ended = child.exitCode !== null || child.signalCode !== null;
    const passed = name === 'asked' && existsSync(join(scene.desk, 'first'));
    if ((ended || passed) && !existsSync(path)) throw new Error(`the service never came to ${name}`);
    await setTimeout(5);
  }
}

const toldIn = (scene: Scene, name: string): Told => JSON.parse(readFileSync(join(scene.desk, name), 'utf8'));

/** Lets the service lose the right at its step, and hears how its round ended and how it went on. */
async function lose(scene: Scene, lost: LostRight): Promise<{ readonly first: Told; readonly last: Told }> {
  // Said aloud, because the scene has changed it: what is inherited silently is not what a test sees.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(templates.plain, 'compiled') };
  const as = { uid: UID, gid: UID, cwd: '/', env };
  if (lost.at === 'start') {
    take(scene, lost);
    const code = `${scene.scope}: > "$DESK/taken"; mkdir "$DESK/fired"; ${loseCode(scene, lost)}`;
    execFileSync('sh', ['-c', code], { ...as, stdio: 'ignore' });
  }
  const args = [...FLAGS, CHILD, scene.root, scene.desk, JSON.stringify(scene.policy(60_000))];
  const child = spawn(process.execPath, args, { ...as, stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    if (lost.at !== 'start') {
      await appears(scene, 'asked', child);
      take(scene, lost);
      writeFileSync(join(scene.desk, 'taken'), '');
    }
    await appears(scene, 'first', child);
    giveBack(scene, lost);
    writeFileSync(join(scene.desk, 'healed'), '');
    await appears(scene, 'last', child);
    return { first: toldIn(scene, 'first'), last: toldIn(scene, 'last') };
  } finally {
    child.kill('SIGKILL');
  }
}

const titleOf = ({ step, right, of, end }: LostRight): string => `${step} may not ${right} ${of}: ${end}`;

const isFirstOfStep = ({ step }: LostRight, at: number): boolean =>
  LOST_RIGHTS.findIndex((lost) => lost.step === step) === at;
/** A service of its own for each is dear: of every other step one, unless all are run. */
const due = LOST_RIGHTS.filter(
  (lost, at) => isWhole || (isFirstOfStep(lost, at) && STEPS.indexOf(lost.step) % 2 === 0),
);

for (const lost of due) {
  const title = `${titleOf(lost)}, and nothing is lost`;
  if (impossible !== null) {
    test.skip(`${title} (${impossible})`, () => {});
    continue;
  }
  test(title, async () => {
    const scene = openScene(lost);
    try {
      const { first, last } = await lose(scene, lost);
      expect(scene.fired).toBe(true);
      expect(readFileSync(join(scene.desk, 'refused'), 'utf8')).toMatch(REFUSAL);
      const { end } = first;
      if (end.kind === 'judged') expect(['defer', 'error']).toContain(end.status);
      const why = end.kind === 'judged' ? JSON.stringify(end.verdict) : '';
      expect({ end: end.kind === 'judged' ? end.verdict.kind : end.kind, why }).toEqual({ end: lost.end, why });
      expect({ named: REFUSAL.test(JSON.stringify(first)), first }).toEqual({ named: lost.named, first });
      expect({ last: last.end.kind, end: last.end }).toEqual({ last: 'landed', end: last.end });
      scene.heal();
      expectNothingLost(scene, last.end);
      met.add(titleOf(lost));
    } finally {
      scene.close();
    }
  });
}

test(`every lost right is tested here, or cannot be lost here (${isWhole ? 'all of them' : 'of every other step one; GATEHOUSE_REQUIRE_TOOLS=1 runs all'})`, () => {
  expect([...met].sort()).toEqual(impossible === null ? due.map(titleOf).sort() : []);
  expect(new Set(LOST_RIGHTS.map(({ step }) => step))).toEqual(new Set(STEPS));
});
