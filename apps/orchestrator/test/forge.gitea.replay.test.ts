/** Every answer to a merge that was recorded from a real Gitea 1.25.4, given to our client word for word: what it makes of it. */
import { Faults, type MergeSituation, RECORDED_MERGES, type Served, serve } from '@gatehouse/doubles';
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import type { LandingAnswer } from '../src/forges/port.ts';
import { giteaAt, startDouble } from './gitea-double.ts';
import { Forge as BareRepository, PROJECT } from './scratch-forge.ts';

const served: Served[] = [];
afterEach(async () => {
  for (const one of served.splice(0)) await one.close();
});

/** What the landing answers while main is still the base. */
type Word = LandingAnswer['kind'] | 'never asked';
const WORDS: Readonly<Record<MergeSituation, Word>> = {
  landed: 'landed',
  'lower-case do': 'never asked',
  'wrong head': 'in-doubt',
  'short head': 'never asked',
  'older than the head': 'in-doubt',
  'behind main': 'in-doubt',
  'its branch is gone': 'in-doubt',
  'in conflict': 'in-doubt',
  'still being checked': 'in-doubt',
  'in main by a push, and being checked': 'in-doubt',
  'merged already': 'cannot-land',
  closed: 'cannot-land',
  'no such pull request': 'cannot-land',
  'by an outsider': 'cannot-land',
  'by nobody': 'cannot-land',
  'by a token that may only read': 'cannot-land',
  'work in progress': 'cannot-land',
  'unknown style': 'cannot-land',
  'no style': 'cannot-land',
  // Main is pushed instead.
  'style switched off': 'landed',
  'by hand, switched off': 'never asked',
  'required status missing': 'ci-pending',
  'required status pending': 'ci-pending',
  'required status failed': 'ci-pending',
  'required status is blue': 'ci-pending',
  'approval missing': 'cannot-land',
  'by a writer off the merge list': 'cannot-land',
  'by an administrator off the merge list': 'cannot-land',
  // Never asked for. Were it answered, nothing would have landed.
  'when its checks succeed': 'in-doubt',
  'when its checks succeed, twice': 'in-doubt',
  'in an archived repository': 'cannot-land',
};

let template: BareRepository;
beforeAll(async () => {
  template = await BareRepository.make(PROJECT);
  template.push({ branch: 'work', from: 'main' }, { 'work.txt': '1' });
  template.push({ branch: 'theirs', from: 'main' }, { 'theirs.txt': '1' });
});

interface Asked {
  readonly status: number;
  readonly message?: string;
  /** Where main is when the answer comes. */
  readonly main: 'base' | 'landed' | 'moved';
}

/** The double, except that a merge is answered as recorded, and main moves as if it had been done before. */
async function ask({
  status,
  message,
  main,
}: Asked): Promise<{ readonly said: LandingAnswer; readonly hasIt: boolean }> {
  const behind = template.copy();
  const [base, head, theirs] = [behind.head('main'), behind.head('work'), behind.head('theirs')];
  const gitea = await startDouble(behind.path);
  const number = await gitea.open({ by: 'dev', branch: 'work', title: 'work' });
  const between = await serve({
    faults: new Faults(),
    answer: async ({ method, target, path, headers, body }) => {
      if (method === 'POST' && path.endsWith('/merge')) {
        if (status === 200 || main === 'landed') behind.git('update-ref', 'refs/heads/main', head);
        if (main === 'moved') behind.git('update-ref', 'refs/heads/main', theirs);
        const text = message === undefined ? '' : JSON.stringify({ message, url: '/api/swagger' });
        return { status, headers: { 'content-type': 'application/json;charset=utf-8' }, body: Buffer.from(text) };
      }
      const { host: _, connection: __, 'content-length': ___, ...passed } = headers;
      const payload = method === 'GET' ? {} : { body: new Uint8Array(body) };
      const response = await fetch(`${gitea.url}${target}`, { method, headers: passed, ...payload });
      return {
        status: response.status,
        headers: { 'content-type': response.headers.get('content-type') ?? '' },
        body: Buffer.from(await response.arrayBuffer()),
      };
    },
  });
  served.push(between);
  const said = await giteaAt(`${between.url}/org/app.git`, gitea.token('queue')).land({
    git: { gitDir: behind.path },
    main: 'main',
    from: base,
    commit: head,
    members: [{ branch: 'work', head, pullRequest: number }],
  });
  return { said, hasIt: behind.head('main') === head };
}

/** Each answer once, with every situation that gives it. */
const answers = new Map<
  string,
  { readonly situations: MergeSituation[]; readonly status: number; readonly message?: string }
>();
for (const [name, recorded] of Object.entries(RECORDED_MERGES)) {
  const situation = name as MergeSituation;
  if (WORDS[situation] === 'never asked') continue;
  const key = `${JSON.stringify(recorded)} ${WORDS[situation]}`;
  const found = answers.get(key) ?? { situations: [], ...recorded };
  found.situations.push(situation);
  answers.set(key, found);
}
const all = [...answers.values()];

test.each(all.map((answer) => [answer.situations.join('; '), answer] as const))('%s', async (_, answer) => {
  const { said, hasIt } = await ask({ ...answer, main: 'base' });
  for (const situation of answer.situations) expect([situation, said.kind]).toEqual([situation, WORDS[situation]]);
  expect(hasIt).toBe(said.kind === 'landed');
});

const loud = all.filter(({ status, message = '' }) => status !== 200 && !message.includes('merge style'));
test.each(loud.slice(0, 4).map(({ situations: [situation], ...answer }) => [situation, answer] as const))(
  'whatever is answered, a main that has the commit is landed, and another main is a moved base: %s',
  async (_, answer) => {
    expect((await ask({ ...answer, main: 'landed' })).said.kind).toBe('landed');
    expect((await ask({ ...answer, main: 'moved' })).said.kind).toBe('base-moved');
  },
);
