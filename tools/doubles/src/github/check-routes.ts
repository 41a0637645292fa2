/** Statuses, check runs, comments, hooks and who may write. */
import { type Api, FORBIDDEN, NOT_FOUND, ok, page, type Reply, type RepositoryCall, refuse } from './api.ts';
import { checkRunShape, combinedShape, commentShape, hookShape, statusShape } from './check-shapes.ts';
import { userShape } from './shapes.ts';
import { type CheckRun, type Comment, hasRole, type Status } from './state.ts';
import { emit, emitComment } from './world.ts';

export function addCheckRoutes(api: Api): void {
  api.onRepository('POST', '/statuses/:sha', addStatus);
  api.onRepository('GET', '/commits/:sha/status', ({ repository, params, world }) =>
    ok(combinedShape(params['sha'] ?? '', repository, world.roots)),
  );
  api.onRepository('GET', '/commits/:sha/check-runs', (call) => {
    const { repository, params, query, world } = call;
    const ofCommit = repository.checkRuns.filter((run) => run.sha === params['sha']);
    // The latest of each name and App, unless all are asked for.
    const latest = new Map(ofCommit.map((run) => [`${run.app.id} ${run.name}`, run]));
    const runs = query.get('filter') === 'all' ? ofCommit : [...latest.values()];
    const shapes = runs.map((run) => checkRunShape(run, repository, world.roots));
    return page(shapes, call, (items) => ({ total_count: shapes.length, check_runs: items }));
  });
  api.onRepository('POST', '/check-runs', addCheckRun);
  api.onRepository('PATCH', '/check-runs/:id', changeCheckRun);
  api.onRepository('GET', '/collaborators/:login/permission', permission);
  api.onRepository('GET', '/hooks', (call) => {
    const { repository, bearer, world } = call;
    if (!hasRole(repository, bearer, 'admin')) return NOT_FOUND;
    return page(
      repository.hooks.map((hook) => hookShape(hook, repository, world.roots)),
      call,
    );
  });
}

export function addCommentRoutes(api: Api): void {
  api.onRepository('GET', '/issues/:number/comments', (call) => {
    const { repository, params, query, world } = call;
    const since = query.get('since') ?? '';
    const wanted = repository.comments.filter(
      ({ issue, updatedAt }) => String(issue) === params['number'] && updatedAt >= since,
    );
    return page(
      wanted.map((comment) => commentShape(comment, repository, world.roots)),
      call,
    );
  });
  api.onRepository('POST', '/issues/:number/comments', addComment);
  api.onRepository('PATCH', '/issues/comments/:id', (call) =>
    onComment(call, (comment) => {
      const { repository, world, bearer, body } = call;
      comment.body = String(body['body']);
      comment.updatedAt = world.state.stamp();
      emitComment(world, repository, { comment, action: 'edited', by: bearer.account });
      return ok(commentShape(comment, repository, world.roots));
    }),
  );
  api.onRepository('DELETE', '/issues/comments/:id', (call) =>
    onComment(call, (comment) => {
      call.repository.comments.splice(call.repository.comments.indexOf(comment), 1);
      emitComment(call.world, call.repository, { comment, action: 'deleted', by: call.bearer.account });
      return { status: 204 };
    }),
  );
}

function addStatus({ repository, bearer, params, body, world }: RepositoryCall): Promise<Reply> | Reply {
  if (!hasRole(repository, bearer, 'write')) return FORBIDDEN;
  const status: Status = {
    id: world.state.id(),
    sha: params['sha'] ?? '',
    context: String(body['context'] ?? 'default'),
    state: String(body['state']),
    description: typeof body['description'] === 'string' ? body['description'] : null,
    creator: bearer.account,
    at: world.state.stamp(),
  };
  // Read nowhere: GitHub cuts or refuses a description that is longer than 140 characters.
  if ((status.description?.length ?? 0) > 140) return refuse(422, 'Validation Failed');
  return repository.bare.has(status.sha).then((isThere) => {
    if (!isThere) return refuse(422, `No commit found for SHA: ${status.sha}`);
    repository.statuses.push(status);
    const shape = statusShape(status, repository, world.roots);
    const { sha, context, state } = status;
    const payload = { ...shape, sha, context, state, name: sha, commit: { sha }, branches: [] };
    emit(world, repository, { event: 'status', by: bearer.account, payload });
    return ok({ ...shape, creator: userShape(bearer.account, world.roots) }, 201);
  });
}

/** Only an App may write check runs. */
function addCheckRun({ repository, bearer, body, world }: RepositoryCall): Reply {
  const { app } = bearer;
  if (app === null) return refuse(403, 'You must authenticate via a GitHub App.');
  const at = world.state.stamp();
  const conclusion = typeof body['conclusion'] === 'string' ? body['conclusion'] : null;
  const run: CheckRun = {
    id: world.state.id(),
    sha: String(body['head_sha']),
    name: String(body['name']),
    app,
    status: conclusion === null ? String(body['status'] ?? 'queued') : 'completed',
    conclusion,
    startedAt: at,
    completedAt: conclusion === null ? null : at,
  };
  repository.checkRuns.push(run);
  const shape = checkRunShape(run, repository, world.roots);
  const action = conclusion === null ? 'created' : 'completed';
  emit(world, repository, { event: 'check_run', by: bearer.account, payload: { action, check_run: shape } });
  return ok(shape, 201);
}

function changeCheckRun({ repository, bearer, body, params, world }: RepositoryCall): Reply {
  const run = repository.checkRuns.find(({ id }) => String(id) === params['id']);
  if (run === undefined) return NOT_FOUND;
  if (bearer.app?.id !== run.app.id) return refuse(403, 'Invalid app_id');
  run.conclusion = typeof body['conclusion'] === 'string' ? body['conclusion'] : null;
  run.status = run.conclusion === null ? String(body['status'] ?? run.status) : 'completed';
  run.completedAt = run.conclusion === null ? null : world.state.stamp();
  const shape = checkRunShape(run, repository, world.roots);
  emit(world, repository, {
    event: 'check_run',
    by: bearer.account,
    payload: { action: 'completed', check_run: shape },
  });
  return ok(shape);
}

/** `permission` knows four words, `role_name` all of them. */
const LEGACY: Readonly<Record<string, string>> = { maintain: 'write', triage: 'read' };

function permission({ repository, bearer, params, world }: RepositoryCall): Reply {
  if (!hasRole(repository, bearer, 'write'))
    return refuse(403, 'Must have push access to view collaborator permission.');
  const account = world.state.accounts.get((params['login'] ?? '').toLowerCase());
  if (account === undefined) return NOT_FOUND;
  const role = repository.roles.get(account.login.toLowerCase()) ?? 'read';
  return ok({
    permission: LEGACY[role] ?? role,
    role_name: role,
    user: { ...userShape(account, world.roots), role_name: role },
  });
}

function addComment({ repository, bearer, params, body, world }: RepositoryCall): Reply {
  const issue = Number(params['number']);
  if (!repository.pulls.some(({ number }) => number === issue)) return NOT_FOUND;
  const at = world.state.stamp();
  const comment: Comment = {
    id: world.state.id(),
    issue,
    user: bearer.account,
    body: String(body['body']),
    createdAt: at,
    updatedAt: at,
  };
  repository.comments.push(comment);
  emitComment(world, repository, { comment, action: 'created', by: bearer.account });
  return ok(commentShape(comment, repository, world.roots), 201);
}

/** Its author may, and every writer may edit everybody's. */
function onComment(call: RepositoryCall, answer: (comment: Comment) => Reply): Reply {
  const { repository, bearer, params } = call;
  const comment = repository.comments.find(({ id }) => String(id) === params['id']);
  if (comment === undefined) return NOT_FOUND;
  if (comment.user.id !== bearer.account.id && !hasRole(repository, bearer, 'write')) return FORBIDDEN;
  return answer(comment);
}
