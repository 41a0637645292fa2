/** How a task is requested: by an existing branch, in a queue for people; by a description, where agents work. */
import { randomUUID } from 'node:crypto';
import { validateRefName } from '@gatehouse/git';
import { z } from '@hono/zod-openapi';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ServiceContext } from '../context.ts';
import { closestMatch, likelyMatch } from '../platform/did-you-mean.ts';
import { maskText } from '../platform/mask-text.ts';
import { KEY } from '../policy/task-key.ts';
import type { NewTask, Repository, Task } from '../store/port/index.ts';
import { budgetBody, taskBudget } from './budget-body.ts';

export const taskBody = z
  .strictObject({
    repo: z.string().min(1),
    branch: z.string().min(1).optional().openapi({ description: 'the branch to land; profile gates-only' }),
    title: z.string().max(500).optional().openapi({ description: 'what it is about; needed in profile full' }),
    description: z.string().max(65_536).optional(),
    key: z.string().regex(KEY, 'letters, digits, dot, dash and underscore').optional(),
    priority: z.number().int().min(-100).max(100).optional(),
    depends_on: z.array(z.string().min(1).max(200)).max(100).optional(),
    budget: budgetBody.optional().openapi({ description: 'what its agents may use; only an admin sets it' }),
  })
  .refine(({ branch, title }) => branch !== undefined || title !== undefined, {
    path: ['branch'],
    message: 'name the branch to land, or say in a title what is to be done',
  })
  .openapi('NewTask', { anyOf: [{ required: ['branch'] }, { required: ['title'] }] });
export type TaskRequest = z.infer<typeof taskBody>;

export type Admission =
  | { readonly kind: 'admitted'; readonly task: NewTask }
  | {
      readonly kind: 'refused';
      readonly status: ContentfulStatusCode;
      readonly detail: string;
      readonly next?: string;
      /** It passes by itself: whoever asks again later may be admitted. */
      readonly passes?: true;
    };

const refused = (status: ContentfulStatusCode, detail: string, next?: string): Admission => ({
  kind: 'refused',
  status,
  detail,
  ...(next === undefined ? {} : { next }),
});

/** A task that is over, or about to be, and keeps its branch and key until what it left is cleaned up. */
export const isLeaving = ({ stage, status, cancelledAt }: Task): boolean =>
  cancelledAt === null && (stage === 'cancelled' || status === 'stopping');

/** Why a name is not free yet, and how somebody can tell that it is. */
export const whileLeaving = ({ id }: Task, name: string) =>
  ({
    status: 409,
    detail: `${id}, the task of ${name} before this one, is still being stopped or cleaned up`,
    next: `ask again when GET /tasks/${id} shows settled_at`,
  }) as const;

/** Everything but the store's own rules. */
export async function admitTask(
  service: Pick<ServiceContext, 'mirrors' | 'now' | 'store'>,
  asked: TaskRequest,
  actor: string,
): Promise<Admission> {
  const repo = await service.store.getRepo(asked.repo);
  // The title becomes the name of a branch, and is told wherever the task is.
  const wanted = asked.title === undefined ? asked : { ...asked, title: await maskText(asked.title) };
  if (repo !== null)
    return repo.profile === 'full'
      ? admitDescription(service, repo, wanted, actor)
      : admitBranch(service, repo, wanted, actor);
  const known = (await service.store.listRepos()).map((row) => row.id);
  const hint =
    known.length === 0 ? 'register one: gatehouse repo add' : `did you mean ${closestMatch(wanted.repo, known)}?`;
  return refused(404, `no repository is called ${JSON.stringify(wanted.repo)}; ${hint}`);
}

async function admitBranch(
  service: Pick<ServiceContext, 'mirrors' | 'now'>,
  repo: Repository,
  wanted: TaskRequest,
  actor: string,
): Promise<Admission> {
  const { branch } = wanted;
  if (wanted.budget !== undefined)
    return refused(409, `${repo.id} is a queue for branches: no agent works there`, 'leave the budget out');
  if (branch === undefined) return refused(409, `${repo.id} is a queue for branches`, 'name the branch to land');
  const name = validateRefName(branch);
  if (name.kind !== 'valid') return refused(409, `the branch name cannot be used: ${name.reason}`);
  if (branch === repo.main) return refused(409, `${repo.main} is where branches land; it cannot be enqueued`);
  const heads = await headsOf(service, repo);
  if (heads.kind !== 'heads') return heads;
  const headSha = heads.of[branch];
  if (headSha === undefined) {
    const others = Object.keys(heads.of).filter((one) => one !== repo.main);
    const likely = likelyMatch(branch, others);
    const hint = likely === null ? `push it first: git push origin ${branch}` : `did you mean ${likely}?`;
    return refused(404, `${repo.id} has no branch ${JSON.stringify(branch)}; ${hint}`);
  }
  const key = wanted.key ?? /([A-Z][A-Z0-9]*-\d+)/.exec(branch)?.[1] ?? branch;
  return admitted(service, repo, wanted, { branch, key, title: wanted.title ?? branch, headSha, actor });
}

/** The branch is made by the first agent that commits; until then no other task may have it. */
async function admitDescription(
  service: Pick<ServiceContext, 'mirrors' | 'now' | 'store'>,
  repo: Repository,
  wanted: TaskRequest,
  actor: string,
): Promise<Admission> {
  const { title, branch: given } = wanted;
  if (given !== undefined)
    return refused(409, `${repo.id} has the profile full: its branches are made for the task`, 'leave the branch out');
  if (title === undefined || title.trim() === '')
    return refused(409, `${repo.id} has the profile full: say what is to be done`, 'pass a title');
  const key = wanted.key ?? `T-${randomUUID().slice(0, 8)}`;
  const branch = `feature/${key}-${slug(title)}`;
  const name = validateRefName(branch);
  if (name.kind !== 'valid') return refused(409, `the key ${key} makes no branch name: ${name.reason}`);
  const leaving = (await service.store.unsettledStops()).find(
    (task) => task.repoId === repo.id && task.key === key && isLeaving(task),
  );
  if (leaving !== undefined) return { kind: 'refused', ...whileLeaving(leaving, key), passes: true };
  const live = await service.store.listTasks({ repoId: repo.id, live: true });
  const duplicate = live.find((task) => task.key === key);
  if (duplicate !== undefined)
    return refused(409, `the key ${key} is in use by ${duplicate.id}`, `GET /tasks/${duplicate.id}`);
  const heads = await headsOf(service, repo);
  if (heads.kind !== 'heads') return heads;
  if (heads.of[branch] !== undefined)
    return refused(409, `${repo.id} has a branch ${branch} already`, 'pass another --key, or remove the branch');
  return admitted(service, repo, wanted, { branch, key, title, actor });
}

async function headsOf(service: Pick<ServiceContext, 'mirrors'>, repo: Repository) {
  const mirror = await service.mirrors.refresh(repo);
  return mirror.kind === 'fresh'
    ? ({ kind: 'heads', of: mirror.heads } as const)
    : ({ kind: 'refused', status: 503, detail: `${repo.id} cannot be reached: ${mirror.reason}` } as const);
}

type Named = Pick<NewTask, 'branch' | 'key' | 'title' | 'headSha' | 'actor'>;
function admitted(
  service: Pick<ServiceContext, 'now'>,
  repo: Repository,
  wanted: TaskRequest,
  named: Named,
): Admission {
  const { priority, description, depends_on: dependsOn, budget } = wanted;
  const task: NewTask = {
    id: `t-${randomUUID().slice(0, 8)}`,
    repoId: repo.id,
    profile: repo.profile,
    ...named,
    atMs: service.now(),
    ...(priority === undefined ? {} : { priority }),
    ...(description === undefined ? {} : { description }),
    ...(dependsOn === undefined ? {} : { dependsOn }),
    ...(budget === undefined ? {} : { budget: taskBudget(budget) }),
  };
  return { kind: 'admitted', task };
}

const SLUG_CHARS = 48;

/** The title as a part of a branch name. */
const slug = (title: string): string =>
  title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG_CHARS)
    .replace(/^-+|-+$/g, '') || 'task';
