/**
 * What a real Gitea 1.25.4 answered, recorded on loopback and cut to status and words. A test brings the double into each
 * situation and holds it to the answer; another holds the service's adapter to what it makes of it.
 */

export interface RecordedAnswer {
  readonly status: number;
  /** `message` of the body; absent: there was none. */
  readonly message?: string;
}

/** `POST pulls/{n}/merge`, with `fast-forward-only` and the head unless the situation says otherwise. */
export const RECORDED_MERGES = {
  landed: { status: 200 },
  'lower-case do': { status: 200 },
  'wrong head': { status: 409, message: 'head out of date' },
  'short head': { status: 409, message: 'head out of date' },
  'older than the head': { status: 409, message: 'head out of date' },
  'behind main': { status: 500, message: '' },
  'its branch is gone': { status: 500, message: '' },
  'in conflict': { status: 405, message: 'Please try again later' },
  'still being checked': { status: 405, message: 'Please try again later' },
  'in main by a push, and being checked': { status: 405, message: 'Please try again later' },
  'merged already': { status: 405, message: 'The PR is already merged' },
  closed: { status: 404, message: 'not found' },
  'no such pull request': { status: 404, message: 'GetPullRequestByIndex' },
  'by an outsider': { status: 404, message: 'not found' },
  'by nobody': { status: 401, message: 'invalid username, password or token' },
  'by a token that may only read': {
    status: 403,
    message:
      'token does not have at least one of required scope(s), required=[write:repository], token scope=read:repository',
  },
  'work in progress': { status: 405, message: 'Work in progress PRs cannot be merged' },
  'unknown style': { status: 422, message: '[Do]: In' },
  'no style': { status: 422, message: '[Do]: Required' },
  'style switched off': {
    status: 405,
    message: 'fast-forward-only is not allowed an allowed merge style for this repository',
  },
  'by hand, switched off': {
    status: 405,
    message: 'manually-merged is not allowed an allowed merge style for this repository',
  },
  'required status missing': { status: 405, message: 'Not all required status checks successful' },
  'required status pending': { status: 405, message: 'Not all required status checks successful' },
  'required status failed': { status: 405, message: 'Not all required status checks successful' },
  'required status is blue': { status: 405, message: 'Not all required status checks successful' },
  'approval missing': { status: 405, message: 'Does not have enough approvals' },
  'by a writer off the merge list': { status: 405, message: 'User not allowed to merge PR' },
  'by an administrator off the merge list': { status: 405, message: 'User not allowed to merge PR' },
  'when its checks succeed': { status: 201 },
  'when its checks succeed, twice': {
    status: 409,
    message: 'pull request is already scheduled to auto merge when checks succeed',
  },
  'in an archived repository': { status: 423, message: 'org/app is archived' },
} as const satisfies Readonly<Record<string, RecordedAnswer>>;

export type MergeSituation = keyof typeof RECORDED_MERGES;

/** Other calls. */
export const RECORDED_CALLS = {
  'merge of a merged one, read': { status: 204 },
  'merge of an open one, read': { status: 404, message: 'not found' },
  'scheduled merge cancelled': { status: 204 },
  'scheduled merge cancelled twice': { status: 404, message: 'not found' },
  'protection read by a writer': {
    status: 403,
    message: 'user should be an owner or a collaborator with admin write of a repository',
  },
  'hooks read by a writer': {
    status: 403,
    message: 'user should be an owner or a collaborator with admin write of a repository',
  },
  'rights of another, read by a writer': {
    status: 403,
    message:
      'Only admins can query all permissions, repo admins can query all repo permissions, collaborators can query only their own',
  },
  'status of an unknown commit': { status: 500, message: '' },
  'status that is blue': { status: 201 },
  'own pull request approved': { status: 422, message: 'approve your own pull is not allowed' },
  'changes asked for': { status: 200 },
  'label made by a writer': { status: 201 },
  'label put on': { status: 200 },
  'comment written': { status: 201 },
  "somebody else's comment edited": { status: 200 },
  'branch moved by the API': { status: 405 },
  'branch deleted': { status: 204 },
  'branch deleted again': { status: 204 },
  'main deleted': { status: 403, message: 'can not delete default branch' },
  'repository read by an outsider': { status: 404, message: 'not found' },
  'setting changed without has_pull_requests': { status: 200 },
} as const satisfies Readonly<Record<string, RecordedAnswer>>;

export type CallSituation = keyof typeof RECORDED_CALLS;

/** Pushes to a protected main by git, by what `git push --porcelain` and the server said. */
export const RECORDED_PUSHES = {
  'forward, by a writer off the push list': {
    porcelain: '[remote rejected] (pre-receive hook declined)',
    words: 'Not allowed to push to protected branch main',
  },
  'forward, by an administrator off the push list': {
    porcelain: '[remote rejected] (pre-receive hook declined)',
    words: 'Not allowed to push to protected branch main',
  },
  'forward, by the push list, without status and approval': { porcelain: '', words: '' },
  'with a lease on a wrong value': { porcelain: '[rejected] (stale info)', words: '' },
  'the same again': { porcelain: '[up to date]', words: '' },
  'not forward': { porcelain: '[rejected] (non-fast-forward)', words: '' },
  'not forward, with a right lease': {
    porcelain: '[remote rejected] (pre-receive hook declined)',
    words: 'branch main is protected from force push',
  },
  'main deleted': {
    porcelain: '[remote rejected] (pre-receive hook declined)',
    words: 'branch main is the default branch and cannot be deleted',
  },
  'a candidate ref': { porcelain: '[new reference]', words: '' },
  'to an archived repository': { porcelain: '', words: 'The requested URL returned error: 403' },
} as const;

export type PushSituation = keyof typeof RECORDED_PUSHES;
