/** What an event of the log says to a person. Pure. */
import { visibleLines, visibleStart } from '../../platform/visible-text.ts';
import type { StoredEvent } from '../../store/port/index.ts';
import type { Shape } from './marks.tsx';
import type { StepWords } from './task-words.ts';

export interface EventWords {
  readonly shape: Shape;
  readonly word: string;
  readonly text: string;
}

type Body = Readonly<Record<string, unknown>>;
const LONGEST = 400;

const text = (value: unknown): string => (typeof value === 'string' ? visibleLines(value, LONGEST) : '');

const VERDICTS: Readonly<Record<string, Shape>> = { pass: 'go', fail: 'stop', skip: 'off' };

/** What happened, by kind. A kind that is not here is told by its name. */
const KINDS: Readonly<
  Record<string, (body: Body, by: { readonly actor: string; readonly words: StepWords }) => EventWords>
> = {
  'check-answered': ({ check, verdict }, { words }) => {
    const { status, reason } = (verdict ?? {}) as Body;
    return { shape: VERDICTS[text(status)] ?? 'wait', word: words(text(check)), text: text(reason) };
  },
  woken: ({ why }) => ({ shape: 'off', word: 'goes on', text: text(why).replaceAll('-', ' ') }),
  enqueued: (_, { actor }) => ({ shape: 'off', word: 'queued', text: `by ${actor}` }),
  'head-moved': () => ({
    shape: 'off',
    word: 'pushed',
    text: 'the branch has a new head; what was found out about the old one is void',
  }),
  'branch-gone': () => ({ shape: 'off', word: 'branch gone', text: 'the branch was deleted' }),
  'merged-otherwise': ({ reason }) => ({ shape: 'go', word: 'merged', text: text(reason) }),
  retried: ({ by }) => ({ shape: 'off', word: 'retried', text: `by ${text(by)}` }),
  approved: ({ by, check }, { words }) => ({
    shape: 'go',
    word: 'approved',
    text: `${words(text(check))}, by ${text(by)}`,
  }),
  overridden: ({ by, check, reason }, { words }) => ({
    shape: 'wait',
    word: 'overridden',
    text: `${words(text(check))}, by ${text(by)}: ${text(reason)}`,
  }),
  'stop-requested': ({ by, reason }) => ({
    shape: 'wait',
    word: 'stop',
    text: `asked for by ${text(by)}${text(reason) === '' ? '' : `: ${text(reason)}`}`,
  }),
  'stop-settled': ({ verified }) => ({
    shape: 'off',
    word: 'stopped',
    text: verified === true ? 'what ran is proven to be over' : 'what ran is not proven to be over',
  }),
  'landing-answered': ({ answer }) => landing((answer ?? {}) as Body),
  'agent-answered': ({ step: role, answer }) => agent(text(role), (answer ?? {}) as Body),
  'approval-note': ({ note }) => ({ shape: 'off', word: 'note', text: text(note) }),
  'dependency-added': ({ depends_on: on }) => ({ shape: 'off', word: 'waits', text: `for ${text(on)}` }),
  'made-due': (_, { actor }) => ({ shape: 'off', word: 'asked now', text: `as ${actor} wanted` }),
  'repo-changed': (body, { actor }) => ({ shape: 'off', word: 'repository', text: `${changeOf(body)}, by ${actor}` }),
  'main-conflict': ({ paths }) => ({
    shape: 'wait',
    word: 'conflict ahead',
    text: `main has moved into its way${Array.isArray(paths) ? ` in ${paths.slice(0, 3).map(text).join(', ')}` : ''}`,
  }),
  'main-conflict-gone': () => ({ shape: 'off', word: 'conflict gone', text: 'main is out of its way again' }),
  tombstoned: () => ({ shape: 'off', word: 'cleaned up', text: 'its branch can be queued again' }),
};

/** What changed of a repository. Why it is paused belongs to the pause. */
function changeOf({ pausedReason, ...body }: Body): string {
  const told = Object.entries(body).map(([key, value]) => {
    if (key === 'paused') return value === true ? `paused${because(pausedReason)}` : 'resumed';
    if (key === 'frozenReason') return value === null ? 'thawed' : `frozen${because(value)}`;
    if (key === 'movedTo') return value === null ? 'at its own address again' : `followed to ${text(value)}`;
    return `${REPO_FIELDS[key] ?? key} changed`;
  });
  return told.length > 0 ? told.join(', ') : 'why it is paused was told anew';
}

const because = (why: unknown): string => (text(why) === '' ? '' : ` (${text(why)})`);
const REPO_FIELDS: Readonly<Record<string, string>> = {
  mainSha: 'what main holds',
  main: 'where branches land',
  url: 'address',
  policyPath: "operator's file",
  forgeId: 'number at its forge',
};

type ToldEvent = Pick<StoredEvent, 'kind' | 'body' | 'actor'>;

export function eventWords({ kind, body, actor }: ToldEvent, words: StepWords): EventWords {
  const told = typeof body === 'object' && body !== null ? (body as Body) : {};
  const tell = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  return (
    tell?.(told, { actor: visibleStart(actor, LONGEST), words }) ?? {
      shape: 'off',
      word: text(kind).replaceAll('-', ' '),
      text: '',
    }
  );
}

function landing({ kind, reason }: Body): EventWords {
  if (kind === 'landed') return { shape: 'go', word: 'landed', text: 'main is at the tested commit' };
  return {
    shape: 'wait',
    word: 'not landed',
    text: [text(kind), text(reason)].filter((part) => part !== '').join(': '),
  };
}

function agent(role: string, { kind, reason }: Body): EventWords {
  if (kind === 'done') return { shape: 'go', word: role, text: 'is done' };
  return { shape: 'wait', word: role, text: [text(kind), text(reason)].filter((part) => part !== '').join(': ') };
}
