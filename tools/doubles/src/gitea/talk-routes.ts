/** Comments, labels and reviews. */

import { NOT_FOUND, ok, page, refused, type Said } from './answers.ts';
import type { Asked } from './api.ts';
import { showComment, showLabel, showPull, showReview } from './render.ts';
import { type CommentRow, type GiteaState, isWriter, nextId, now, type PullRow, type ReviewRow } from './state.ts';
import { tell, tellComment, tellPull } from './webhooks.ts';

export async function talkRoutes(state: GiteaState, asked: Asked): Promise<Said | null> {
  const { path, method } = asked;
  if (path === 'labels' && method === 'POST') return addLabel(state, String(asked.form['name']));
  const edited = /^issues\/comments\/(\d+)$/.exec(path)?.[1];
  if (edited !== undefined) return oneComment(state, asked, Number(edited));
  const [, number, kind] = /^(?:issues|pulls)\/(\d+)\/(comments|labels|reviews)$/.exec(path) ?? [];
  if (number === undefined) return null;
  const row = state.pulls.get(Number(number));
  if (row === undefined) return NOT_FOUND;
  switch (kind) {
    case 'comments':
      return method === 'POST' ? addComment(state, asked, row) : listComments(state, asked, row);
    case 'labels':
      return labels(state, asked, row);
    default:
      return method === 'POST' ? addReview(state, asked, row) : listReviews(state, asked, row);
  }
}

function addComment(state: GiteaState, { doer, form }: Asked, row: PullRow): Said {
  const at = now(state);
  const comment: CommentRow = {
    id: nextId(state),
    pull: row.number,
    author: doer.login,
    body: String(form['body']),
    createdAt: at,
    updatedAt: at,
  };
  state.comments.set(comment.id, comment);
  tellComment(state, comment, { action: 'created', by: doer.login });
  return { status: 201, body: showComment(state, comment) };
}

/** All of them at once: this list of Gitea has no pages. */
function listComments(state: GiteaState, { query }: Asked, row: PullRow): Said {
  const since = Date.parse(query.get('since') ?? '') || 0;
  const before = Date.parse(query.get('before') ?? '') || Number.POSITIVE_INFINITY;
  const all = [...state.comments.values()].filter(
    ({ pull, updatedAt }) => pull === row.number && Date.parse(updatedAt) >= since && Date.parse(updatedAt) <= before,
  );
  return ok(all.map((comment) => showComment(state, comment)));
}

function oneComment(state: GiteaState, { doer, method, form }: Asked, id: number): Said | null {
  const comment = state.comments.get(id);
  if (comment === undefined) return NOT_FOUND;
  // Every writer may edit everybody's comment.
  if (doer.login !== comment.author && !isWriter(doer.permission))
    return refused(403, 'user should be comment author or writer');
  if (method === 'DELETE') {
    state.comments.delete(id);
    return { status: 204 };
  }
  if (method !== 'PATCH') return null;
  comment.body = String(form['body']);
  comment.updatedAt = now(state);
  tellComment(state, comment, { action: 'edited', by: doer.login });
  return ok(showComment(state, comment));
}

function addLabel(state: GiteaState, name: string): Said {
  if (!state.labels.includes(name)) state.labels.push(name);
  return { status: 201, body: showLabel(state, name) };
}

function labels(state: GiteaState, { doer, method, form }: Asked, row: PullRow): Said | null {
  const shown = (): Said => ok(row.labels.map((name) => showLabel(state, name)));
  if (method === 'GET') return shown();
  if (!isWriter(doer.permission)) return refused(403, 'user should have a permission to write to a repo');
  const asked: readonly unknown[] = Array.isArray(form['labels']) ? form['labels'] : [];
  const names = asked.map((label) => (typeof label === 'number' ? state.labels[label - 1] : String(label)));
  if (!names.every((name) => name !== undefined)) return NOT_FOUND;
  if (method === 'POST') row.labels = [...new Set([...row.labels, ...names])];
  else if (method === 'PUT') row.labels = names;
  else return null;
  row.updatedAt = now(state);
  tellPull(state, row, { action: 'label_updated', by: doer.login });
  return shown();
}

const REVIEWS: Readonly<Record<string, ReviewRow['state']>> = {
  APPROVED: 'APPROVED',
  REQUEST_CHANGES: 'REQUEST_CHANGES',
  COMMENT: 'COMMENT',
};

function addReview(state: GiteaState, { doer, form }: Asked, row: PullRow): Said {
  const verdict = REVIEWS[String(form['event'])] ?? 'COMMENT';
  if (verdict === 'APPROVED' && doer.login === row.author) return refused(422, 'approve your own pull is not allowed');
  // A later review takes the place of an earlier one of the same person.
  for (const review of state.reviews)
    if (review.pull === row.number && review.reviewer === doer.login) review.isDismissed = true;
  const review: ReviewRow = {
    id: nextId(state),
    pull: row.number,
    reviewer: doer.login,
    state: verdict,
    body: String(form['body'] ?? ''),
    commit: String(form['commit_id'] ?? row.head),
    at: now(state),
    isDismissed: !isWriter(doer.permission),
  };
  state.reviews.push(review);
  if (verdict !== 'COMMENT') {
    const said = verdict === 'APPROVED' ? 'approved' : 'rejected';
    const shown = showPull(state, row, { isMergeable: true, base: state.seen.get(row.base) ?? '' });
    const of = { type: `pull_request_review_${said}`, content: review.body };
    const body = { action: 'reviewed', number: row.number, pull_request: shown, review: of };
    tell(state, { event: `pull_request_${said}`, type: `pull_request_review_${said}`, by: doer.login, body });
  }
  return ok(showReview(review, row.head));
}

function listReviews(state: GiteaState, { query }: Asked, row: PullRow): Said {
  const all = state.reviews.filter(({ pull }) => pull === row.number);
  return page(
    all.map((review) => showReview(review, row.head)),
    query,
  );
}
