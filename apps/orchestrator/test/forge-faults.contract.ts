/**
 * The life of a landing at a forge with people, from prepare to the deleted branch, spoilt at each of its calls by each fault.
 * Nothing lands that was not asked, nothing lands twice, nothing is called landed that main lacks, no comment is doubled, and
 * asking again ends it. A part of the table is played in the tests, and all of it with FORGE_FAULTS=all (soak/forge-faults.mjs).
 */
import type { Call, FaultKind } from '@gatehouse/doubles';
import { expect, test } from '@jest/globals';
import type { Forge } from '../src/forges/port.ts';
import type { PeoplesForge, PeoplesSide } from './forge-people.contract.ts';
import { Forge as BareRepository, PROJECT } from './scratch-forge.ts';

export interface ForgeWithFaults {
  readonly name: string;
  /** `hasty` gives up a call inside the window after a few seconds. */
  open(behind: BareRepository): Promise<PeoplesForge & { readonly hasty: Forge }>;
}

interface Work {
  readonly base: string;
  readonly branch: string;
  readonly head: string;
  readonly tested: string;
  readonly number: number;
}

const KINDS: readonly FaultKind[] = ['fails-after', 'fails-before', 'cut', 'limited', 'forbidden', 'hangs', 'stale'];
const isWhole = process.env['FORGE_FAULTS'] === 'all';

/** One call of the life, spoilt by one fault. `nth`: which call of this name, for some are made at the same time. */
interface Row {
  readonly name: string;
  readonly kind: FaultKind;
  readonly key: string;
  readonly nth: number;
}

/** Every row is a test of its own. The calls are those of a life without a fault, which is led here, before the rows are known. */
export async function forgeFaultsContract({ name, open }: ForgeWithFaults): Promise<void> {
  const template = await BareRepository.make(PROJECT);
  const calls: Call[] = [];
  const first = await openScene(template.copy(), open);
  first.people.faults.plan({ kind: 'cut', on: (call) => calls.push(call) === 0 });
  const undisturbed = await newWork(first, 'work');
  const isEnded = await live(first, first.patient, { work: undisturbed });
  first.people.faults.clear();

  test(`the life of a landing at ${name} ends, and each of its calls is in the table`, async () => {
    expect(isEnded).toBe(true);
    await expectEnded(first, undisturbed);
    const played = new Set(rows.map(({ kind }) => kind));
    expect(played.size).toBe(isWhole ? KINDS.length : KINDS.length - 1);
    expect(rows.filter(({ kind }) => kind === 'fails-after').length).toBeGreaterThanOrEqual(5);
  });

  const rows = calls
    .flatMap((call, at) => {
      const key = keyOf(call);
      const nth = calls.slice(0, at).filter((one) => keyOf(one) === key).length;
      return KINDS.map((kind) => ({
        call,
        kind,
        key,
        nth,
        name: `${kind} at ${key}${nth === 0 ? '' : `, ${nth + 1}`}`,
      }));
    })
    .filter(({ kind, call }) => isWhole || isInPart(first.people, kind, call));
  test.each<Row>(rows)(
    `$name: a landing at ${name} happens once or not at all, is said truly, and ends when asked again`,
    async ({ kind, key, nth }) => {
      const scene = await openScene(template.copy(), open);
      const { people, patient } = scene;
      const work = await newWork(scene, 'work');
      const giveUp = new AbortController();
      let seen = -1;
      const isIt = (call: Call): boolean => {
        if (keyOf(call) !== key) return false;
        seen += 1;
        // A silent server is left by the caller; what is inside the window waits for its own deadline.
        if (seen === nth && kind === 'hangs' && !people.isLanding(call)) setImmediate(() => giveUp.abort());
        return seen === nth;
      };
      people.faults.plan({ kind, on: isIt });
      const isOver = await live(scene, kind === 'hangs' ? scene.hasty : patient, { work, signal: giveUp.signal });
      people.faults.clear();
      for (let again = 0; !isOver && again < 3; again += 1) if (await live(scene, patient, { work })) break;
      expect(people.faults.fired.map((fired) => fired.kind)).toEqual([kind]);
      await expectEnded(scene, work);
    },
    60_000,
  );
}

const keyOf = ({ method, path, query }: Call): string => {
  const place = path.replaceAll(/[0-9a-f]{40}/g, 'COMMIT');
  return [method, place, query.get('service')].filter((part) => part !== null).join(' ');
};

/** What lands, by every fault that needs no deadline; every other write by the one that was carried out and denied; old readings. */
function isInPart(people: PeoplesSide, kind: FaultKind, call: Call): boolean {
  if (kind === 'stale') return call.method === 'GET' && /\/pulls\/\d+$/.test(call.path);
  return people.isLanding(call) ? kind !== 'hangs' : kind === 'fails-after' && isWrite(call);
}
const isWrite = ({ method, path }: Call): boolean => method !== 'GET' && !path.endsWith('git-upload-pack');

interface Scene {
  readonly behind: BareRepository;
  readonly people: PeoplesSide;
  readonly patient: Forge;
  readonly hasty: Forge;
}

async function openScene(behind: BareRepository, open: ForgeWithFaults['open']): Promise<Scene> {
  const { forge, hasty, people } = await open(behind);
  return { behind, people, patient: forge, hasty };
}

async function newWork({ behind, people }: Scene, branch: string): Promise<Work> {
  const base = behind.head('main');
  const head = behind.push({ branch, from: 'main' }, { [branch]: '1' });
  const tested = behind.push({ branch: 'tested', from: 'main' }, { [branch]: 'caught up' });
  behind.deleteBranch('tested');
  return { base, branch, head, tested, number: await people.open({ by: 'dev', branch, title: branch }) };
}

/** Goes as far as the answers let it. True: to its end. */
async function live(
  { behind }: Scene,
  forge: Forge,
  { work, signal = new AbortController().signal }: { readonly work: Work; readonly signal?: AbortSignal },
): Promise<boolean> {
  const { base, branch, head, tested, number } = work;
  const git = { gitDir: behind.path };
  const order = { git, main: 'main', from: base, commit: tested, members: [{ branch, head, pullRequest: number }] };
  if ((await forge.prepare({ ...order, signal })).kind !== 'prepared') return false;
  if ((await forge.requiredChecks({ commit: tested, main: 'main', signal })).kind !== 'green') return false;
  const landed = await forge.land(order);
  // Whatever a landing answers: main has it, or is where it was.
  expect([base, tested]).toContain(behind.head('main'));
  if (landed.kind !== 'landed') return false;
  expect(behind.head('main')).toBe(tested);
  const finished = await forge.finish({ number, branch, commit: tested, main: 'main', signal });
  const commented = await forge.comment({ taskId: branch, pullRequest: number, text: 'landed', signal });
  const status = await forge.setStatus({ commit: tested, state: 'success', text: 'landed', signal });
  if (finished.kind !== 'merged' || commented.kind !== 'told' || status.kind !== 'told') return false;
  return (await forge.deleteBranch({ git, branch, main: 'main', expected: tested, signal })).kind === 'deleted';
}

async function expectEnded({ behind, people }: Scene, work: Work): Promise<void> {
  const { base, branch, tested, number } = work;
  expect(behind.mainMoves()).toEqual([base, tested]);
  expect(await people.stateOf(number)).toBe('merged');
  expect((await people.commentsOf(number)).map(({ text }) => text)).toEqual([expect.stringMatching(/landed$/)]);
  expect(behind.git('for-each-ref', `refs/heads/${branch}`, 'refs/gatehouse')).toBe('');
}
