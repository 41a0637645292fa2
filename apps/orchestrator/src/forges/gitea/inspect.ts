/** What `doctor --repo` says of a Gitea: everything a person has to set right, with the click that does it. */
import { z } from 'zod';
import type { ForgeFinding } from '../people.ts';
import { type GiteaClient, type Replied, whyNot } from './client.ts';
import { branchPath } from './required-checks.ts';
import { ANYTHING, BRANCH, type GiteaBranch, type GiteaRepository, HOOK, ME, REPOSITORY } from './shapes.ts';

interface Inspection {
  readonly gitea: GiteaClient;
  readonly main: string;
  readonly signal: AbortSignal | undefined;
}

const SCOPES = 'write:repository, write:issue and read:user';

export async function inspect(
  gitea: GiteaClient,
  main: string,
  signal?: AbortSignal,
): Promise<readonly ForgeFinding[]> {
  const of: Inspection = { gitea, main, signal };
  const me = await gitea.call({ method: 'GET', path: '/user', reads: ME, signal });
  if (me.kind !== 'ok') return [noToken(me)];
  const { login } = me.value;
  const repository = await gitea.call({ method: 'GET', path: '', reads: REPOSITORY, signal });
  const token = ok('token', `accepted, of ${login}`);
  if (repository.kind !== 'ok') return [token, noRepository(gitea, login, repository)];
  const branch = await gitea.call({ method: 'GET', path: branchPath(main), reads: BRANCH, signal });
  return [
    token,
    rights(gitea, login, repository.value),
    ...(await scopes(of)),
    ...(branch.kind === 'ok' ? protection(of, login, branch.value) : [noMain(main, branch)]),
    ...ofMerging(gitea, repository.value),
    commanders(repository.value, login),
    await webhooks(of),
  ];
}

const ok = (name: string, detail: string): ForgeFinding => ({ name, status: 'ok', detail, next: null });
const fail = (name: string, detail: string, next: string): ForgeFinding => ({ name, status: 'fail', detail, next });
const warn = (name: string, detail: string, next: string): ForgeFinding => ({ name, status: 'warn', detail, next });

type NotOk = Exclude<Replied<unknown>, { readonly kind: 'ok' }>;

function noToken(answer: NotOk): ForgeFinding {
  if (answer.kind === 'unclear')
    return fail('token', answer.reason, 'look whether the address of the repository is right, and whether Gitea runs');
  return fail(
    'token',
    whyNot(answer),
    `make a token at Settings → Applications with ${SCOPES}, and set it as the credential`,
  );
}

const noRepository = ({ page }: GiteaClient, login: string, answer: NotOk): ForgeFinding =>
  fail('repository', whyNot(answer), `let ${login} in at ${page}/settings/collaboration, with the right to write`);

const noMain = (main: string, answer: NotOk): ForgeFinding =>
  fail('main', `${main} cannot be read: ${whyNot(answer)}`, 'name the branch that is landed on with --main');

function rights({ page }: GiteaClient, login: string, { archived, permissions }: GiteaRepository): ForgeFinding {
  if (archived) return fail('rights', 'the repository is archived', `take it out of the archive at ${page}/settings`);
  if (permissions.push) return ok('rights', `${login} may write`);
  return fail('rights', `${login} may not write`, `let ${login} write at ${page}/settings/collaboration`);
}

/** Calls that can do nothing: the scope of the token is judged before what they ask for. */
async function scopes({ gitea, signal }: Inspection): Promise<readonly ForgeFinding[]> {
  const lacking = new Set<string>();
  const next = `make a token at Settings → Applications with ${SCOPES}, and set it as the credential`;
  for (const [method, path] of [
    ['POST', 'pulls/0/merge'],
    ['PATCH', 'issues/comments/0'],
  ] as const) {
    const answer = await gitea.call({ method, path, body: {}, reads: ANYTHING, signal });
    if (answer.kind === 'refused' && answer.status === 403) lacking.add(answer.message);
  }
  return [...lacking].map((message) => fail('scope', message, next));
}

function protection({ gitea, main }: Inspection, login: string, branch: GiteaBranch): readonly ForgeFinding[] {
  const rule = `${gitea.page}/settings/branches`;
  if (!branch.protected)
    return [
      warn('protection', `${main} is not protected: whoever may write can pass the queue by`, `protect it at ${rule}`),
    ];
  const found: ForgeFinding[] = [];
  if (!branch.user_can_push && !branch.user_can_merge)
    found.push(
      fail('protection', `${login} may neither push nor merge into ${main}`, `put ${login} on both lists at ${rule}`),
    );
  else if (!branch.user_can_push)
    found.push(
      warn(
        'protection',
        `${login} may merge into ${main} and not push: branches without a pull request, and forks, cannot land`,
        `put ${login} on the list of who may push at ${rule}`,
      ),
    );
  else if (!branch.user_can_merge)
    found.push(
      warn(
        'protection',
        `${login} may push to ${main} and not merge: pull requests cannot land`,
        `put ${login} on the list of who may merge at ${rule}`,
      ),
    );
  else found.push(ok('protection', `${main} is protected, and ${login} may push and merge`));
  return [...found, ...checks({ main, login, rule }, branch)];
}

function checks(
  { main, login, rule }: Readonly<{ main: string; login: string; rule: string }>,
  { enable_status_check, status_check_contexts, user_can_push }: GiteaBranch,
): readonly ForgeFinding[] {
  if (!enable_status_check) return [ok('required checks', `${main} requires none`)];
  const names = status_check_contexts ?? [];
  if (names.length === 0)
    return [
      fail(
        'required checks',
        `${main} requires every status there is, that of Gatehouse too`,
        `name the required checks at ${rule}`,
      ),
    ];
  const listed = `${main} requires ${names.join(', ')}`;
  if (!user_can_push) return [ok('required checks', listed)];
  return [
    warn(
      'required checks',
      `${listed}; a push by ${login} would pass them by, and Gatehouse waits for them all the same`,
      `nothing has to be done; whoever holds this token can land without them`,
    ),
  ];
}

function ofMerging({ page }: GiteaClient, repository: GiteaRepository): readonly ForgeFinding[] {
  const found: ForgeFinding[] = [];
  const at = `${page}/settings (Pull Requests)`;
  if (!repository.has_pull_requests) return [warn('pull requests', 'they are switched off', `switch them on at ${at}`)];
  if (repository.allow_fast_forward_only_merge) found.push(ok('merge style', 'fast-forward only is allowed'));
  else
    found.push(
      warn(
        'merge style',
        'fast-forward only is not allowed: main is pushed instead',
        `allow "Fast-forward only" at ${at}`,
      ),
    );
  if (repository.autodetect_manual_merge || repository.allow_manual_merge)
    found.push(ok('end of a pull request', 'what landed by a push ends as merged'));
  else
    found.push(
      warn(
        'end of a pull request',
        'what landed by a push can only be closed, not merged',
        `allow "Mark pull request as manually merged" and "Enable autodetect manual merge" at ${at}`,
      ),
    );
  return found;
}

function commanders({ permissions }: GiteaRepository, login: string): ForgeFinding {
  if (permissions.admin) return ok('commands', 'who may write may command');
  return warn(
    'commands',
    `${login} is not told who may write`,
    'list who may command in ORCH_FORGE_COMMANDERS, or make the token that of an administrator of the repository',
  );
}

/** By the names of Gitea's list of webhooks. */
const EVENTS: readonly string[] = [
  'push',
  'pull_request',
  'pull_request_sync',
  'pull_request_label',
  'pull_request_comment',
  'pull_request_review',
  'status',
];

async function webhooks({ gitea, signal }: Inspection): Promise<ForgeFinding> {
  const answer = await gitea.all({ path: 'hooks', reads: z.array(HOOK), signal });
  const next = `see that ${gitea.page}/settings/hooks has one that posts JSON to /webhooks/gitea of this service, with the secret, for pushes, pull requests, comments, reviews and statuses`;
  if (answer.kind === 'refused' && answer.status === 403)
    return warn(
      'webhooks',
      'only an administrator may read them; without one everything is noticed by polling, later',
      next,
    );
  if (answer.kind !== 'ok') return warn('webhooks', whyNot(answer), next);
  const ours = answer.value.filter(({ active, config }) => active && config.url.includes('/webhooks/gitea'));
  if (ours.length === 0)
    return warn('webhooks', 'none posts to this service: everything is noticed by polling, later', next);
  const events = new Set(ours.flatMap((hook) => hook.events));
  const lacking = EVENTS.filter((event) => !events.has(event));
  return lacking.length === 0
    ? ok('webhooks', 'posted to this service')
    : warn('webhooks', `without ${lacking.join(', ')}`, next);
}
