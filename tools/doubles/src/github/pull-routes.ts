/** Pull requests, reviews and labels. */
import { type Api, FORBIDDEN, NOT_FOUND, ok, page, type Reply, type RepositoryCall, refuse } from './api.ts';
import { type Json, type PullScene, pullShape, reviewShape, simplePullShape } from './shapes.ts';
import { hasRole, type PullRequest, type Review } from './state.ts';
import { closePull, emit, emitPull, takeHead } from './world.ts';

export function addPullRoutes(api: Api): void {
  api.onRepository('GET', '/pulls', (call) => {
    const { repository, query, world } = call;
    const state = query.get('state') ?? 'open';
    const wanted = repository.pulls.filter((pull) => state === 'all' || pull.state === state);
    if ((query.get('direction') ?? 'desc') === 'desc') wanted.reverse();
    return page(
      wanted.map((pull) => simplePullShape({ repository, pull, roots: world.roots })),
      call,
    );
  });
  api.onRepository('POST', '/pulls', openPull);
  api.onRepository('GET', '/pulls/:number', (call) => onPull(call, (scene) => ok(pullShape(scene))));
  api.onRepository('PATCH', '/pulls/:number', (call) => onPull(call, (scene) => changePull(call, scene)));
  api.onRepository('GET', '/pulls/:number/reviews', (call) =>
    onPull(call, (scene) =>
      page(
        scene.pull.reviews.map((review) => reviewShape(review, scene)),
        call,
      ),
    ),
  );
  api.onRepository('POST', '/pulls/:number/reviews', (call) => onPull(call, (scene) => addReview(call, scene)));
  api.onRepository('POST', '/issues/:number/labels', (call) => onPull(call, (scene) => addLabels(call, scene)));
  api.onRepository('DELETE', '/issues/:number/labels/:label', (call) =>
    onPull(call, (scene) => dropLabel(call, scene)),
  );
}

function onPull(call: RepositoryCall, answer: (scene: PullScene) => Reply | Promise<Reply>): Reply | Promise<Reply> {
  const { repository, params, world } = call;
  const pull = repository.pulls.find(({ number }) => String(number) === params['number']);
  return pull === undefined ? NOT_FOUND : answer({ repository, pull, roots: world.roots });
}

async function openPull(call: RepositoryCall): Promise<Reply> {
  const { repository, bearer, body, world } = call;
  const [owner = '', ofOwner] = String(body['head']).split(':');
  const branch = ofOwner ?? owner;
  const headRepository = ofOwner === undefined ? repository : world.state.repository(owner, repository.name);
  const head = headRepository?.seen.get(branch);
  const base = String(body['base']);
  if (headRepository === undefined || head === undefined || !repository.seen.has(base))
    return refuse(422, 'Validation Failed');
  const at = world.state.stamp();
  const pull: PullRequest = {
    id: world.state.id(),
    number: repository.pulls.length + 1,
    user: bearer.account,
    title: String(body['title'] ?? branch),
    base,
    headRepository,
    branch,
    head,
    isDraft: body['draft'] === true,
    labels: [],
    state: 'open',
    mergedAt: null,
    mergedBy: null,
    closedAt: null,
    createdAt: at,
    updatedAt: at,
    reviews: [],
    looked: '',
  };
  repository.pulls.push(pull);
  await takeHead(repository, pull, head);
  emitPull(world, repository, { pull, action: 'opened', by: bearer.account });
  return ok(pullShape({ repository, pull, roots: world.roots }), 201);
}

function changePull({ world, bearer, body }: RepositoryCall, scene: PullScene): Reply {
  const { pull, repository } = scene;
  if (!hasRole(repository, bearer, 'write') && pull.user.id !== bearer.account.id) return FORBIDDEN;
  const state = body['state'];
  if (state === 'open' && pull.mergedAt !== null) return refuse(422, 'Validation Failed');
  if (typeof body['title'] === 'string') pull.title = body['title'];
  if (typeof body['base'] === 'string') pull.base = body['base'];
  pull.updatedAt = world.state.stamp();
  if (state === 'closed' && pull.state === 'open')
    closePull(world, repository, { pull, by: bearer.account, isMerged: false });
  else if (state === 'open' && pull.state === 'closed') {
    pull.state = 'open';
    pull.closedAt = null;
    emitPull(world, repository, { pull, action: 'reopened', by: bearer.account });
  } else emitPull(world, repository, { pull, action: 'edited', by: bearer.account, more: { changes: {} } });
  return ok(pullShape(scene));
}

const STATE_OF: Readonly<Record<string, Review['state']>> = {
  APPROVE: 'APPROVED',
  REQUEST_CHANGES: 'CHANGES_REQUESTED',
  COMMENT: 'COMMENTED',
};

function addReview({ world, bearer, body }: RepositoryCall, scene: PullScene): Reply {
  const state = STATE_OF[String(body['event'])];
  if (state === undefined) return refuse(422, 'Validation Failed');
  const { pull } = scene;
  if (state === 'APPROVED' && pull.user.id === bearer.account.id)
    return refuse(422, 'Can not approve your own pull request');
  const review: Review = {
    id: world.state.id(),
    user: bearer.account,
    state,
    body: String(body['body'] ?? ''),
    sha: pull.head,
    at: world.state.stamp(),
  };
  pull.reviews.push(review);
  const shape = reviewShape(review, scene);
  const payload = { action: 'submitted', review: shape, pull_request: simplePullShape(scene) };
  emit(world, scene.repository, { event: 'pull_request_review', by: bearer.account, payload });
  return ok(shape);
}

const labels = (scene: PullScene): Json[] => simplePullShape(scene)['labels'] as Json[];

function addLabels({ world, bearer, body }: RepositoryCall, scene: PullScene): Reply {
  const { pull, repository } = scene;
  if (!hasRole(repository, bearer, 'triage')) return FORBIDDEN;
  for (const label of (body['labels'] as string[]).filter((one) => !pull.labels.includes(one))) {
    pull.labels.push(label);
    emitPull(world, repository, { pull, action: 'labeled', by: bearer.account, more: { label: labels(scene).at(-1) } });
  }
  return ok(labels(scene));
}

function dropLabel({ world, bearer, params }: RepositoryCall, scene: PullScene): Reply {
  const { pull, repository } = scene;
  if (!hasRole(repository, bearer, 'triage')) return FORBIDDEN;
  const name = decodeURIComponent(params['label'] ?? '');
  const label = labels(scene).find((one) => one['name'] === name);
  if (label === undefined) return refuse(404, 'Label does not exist');
  pull.labels = pull.labels.filter((one) => one !== name);
  emitPull(world, repository, { pull, action: 'unlabeled', by: bearer.account, more: { label } });
  return ok(labels(scene));
}
