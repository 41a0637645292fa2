/** The environments that CI systems document, for one pull request of `topic` to `main`, and for pushes. */

export const MAIN_SHA = 'a'.repeat(40);
export const TOPIC_SHA = 'b'.repeat(40);
/** The merge of the two that GitHub makes. */
export const PULL_SHA = 'c'.repeat(40);

export interface CiRun {
  readonly title: string;
  readonly env: Readonly<Record<string, string>>;
  readonly payload?: unknown;
  readonly says: { readonly kind: string; readonly system?: string; readonly base?: { readonly at: string } };
}

const topicOntoMain = {
  branch: { name: 'topic', at: TOPIC_SHA },
  base: { name: 'main', at: 'refs/remotes/origin/main' },
};
const pull = { pull_request: { head: { sha: TOPIC_SHA } } };

const GITHUB_PULL = {
  GITHUB_ACTIONS: 'true',
  GITHUB_EVENT_NAME: 'pull_request',
  GITHUB_SHA: PULL_SHA,
  GITHUB_REF: 'refs/pull/7/merge',
  GITHUB_REF_NAME: '7/merge',
  GITHUB_HEAD_REF: 'topic',
  GITHUB_BASE_REF: 'main',
};
const GITHUB_PUSH = {
  GITHUB_ACTIONS: 'true',
  GITHUB_EVENT_NAME: 'push',
  GITHUB_SHA: TOPIC_SHA,
  GITHUB_REF: 'refs/heads/topic',
  GITHUB_REF_NAME: 'topic',
  GITHUB_REF_TYPE: 'branch',
};
const GITLAB_MERGE = {
  GITLAB_CI: 'true',
  CI: 'true',
  CI_PIPELINE_SOURCE: 'merge_request_event',
  CI_COMMIT_SHA: TOPIC_SHA,
  CI_COMMIT_BEFORE_SHA: '0'.repeat(40),
  CI_DEFAULT_BRANCH: 'main',
  CI_PROJECT_ID: '5',
  CI_MERGE_REQUEST_PROJECT_ID: '5',
  CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main',
  CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: 'topic',
};
const WOODPECKER = {
  CI: 'woodpecker',
  CI_SYSTEM_NAME: 'woodpecker',
  CI_PIPELINE_EVENT: 'pull_request',
  CI_COMMIT_SHA: TOPIC_SHA,
  CI_COMMIT_BRANCH: 'main',
  CI_COMMIT_TARGET_BRANCH: 'main',
  CI_COMMIT_SOURCE_BRANCH: 'topic',
  CI_REPO_DEFAULT_BRANCH: 'main',
};
const BUILDKITE = {
  BUILDKITE: 'true',
  BUILDKITE_COMMIT: TOPIC_SHA,
  BUILDKITE_BRANCH: 'topic',
  BUILDKITE_PULL_REQUEST: '7',
  BUILDKITE_PULL_REQUEST_BASE_BRANCH: 'main',
  BUILDKITE_PIPELINE_DEFAULT_BRANCH: 'main',
};
const GITEA_PULL = {
  ...GITHUB_PULL,
  GITEA_ACTIONS: 'true',
  GITHUB_SHA: TOPIC_SHA,
  GITHUB_REF: 'refs/pull/7/head',
};

export const CI_RUNS: readonly CiRun[] = [
  {
    title: 'github pull_request: the head that went into the merge, onto the base branch of the remote',
    env: GITHUB_PULL,
    payload: pull,
    says: { kind: 'claim', system: 'github', ...topicOntoMain },
  },
  {
    title: 'github pull_request without its event names no head',
    env: GITHUB_PULL,
    says: { kind: 'unclear', system: 'github' },
  },
  {
    title: 'github pull_request_target is never guessed for: its secrets are beside the code of a fork',
    env: { ...GITHUB_PULL, GITHUB_EVENT_NAME: 'pull_request_target' },
    payload: pull,
    says: { kind: 'unclear', system: 'github' },
  },
  {
    title: 'github merge_group: the group onto the commit it was made on',
    env: { ...GITHUB_PUSH, GITHUB_EVENT_NAME: 'merge_group', GITHUB_REF: 'refs/heads/gh-readonly-queue/main/pr-7' },
    payload: { merge_group: { base_ref: 'refs/heads/main', base_sha: MAIN_SHA } },
    says: { kind: 'claim', system: 'github', base: { name: 'main', at: MAIN_SHA } } as CiRun['says'],
  },
  {
    title: 'github push of a branch: onto the default branch',
    env: GITHUB_PUSH,
    payload: { repository: { default_branch: 'main' }, before: MAIN_SHA },
    says: { kind: 'claim', system: 'github', ...topicOntoMain },
  },
  {
    title: 'github push of main: onto where it was before',
    env: { ...GITHUB_PUSH, GITHUB_REF: 'refs/heads/main' },
    payload: { repository: { default_branch: 'main' }, before: MAIN_SHA },
    says: { kind: 'claim', system: 'github', base: { name: 'main', at: MAIN_SHA } } as CiRun['says'],
  },
  {
    title: 'github push of a tag is about no branch',
    env: { ...GITHUB_PUSH, GITHUB_REF: 'refs/tags/v1' },
    payload: { repository: { default_branch: 'main' } },
    says: { kind: 'unclear', system: 'github' },
  },
  {
    title: 'gitea pull_request: the head itself is checked out',
    env: GITEA_PULL,
    says: { kind: 'claim', system: 'gitea', ...topicOntoMain },
  },
  {
    title: 'gitlab merge request: its source onto its target',
    env: GITLAB_MERGE,
    says: { kind: 'claim', system: 'gitlab', ...topicOntoMain },
  },
  {
    title: 'gitlab merged results: the source, not the merge that is checked out',
    env: { ...GITLAB_MERGE, CI_COMMIT_SHA: PULL_SHA, CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: TOPIC_SHA },
    says: { kind: 'claim', system: 'gitlab', ...topicOntoMain },
  },
  {
    title: 'gitlab merge request of a fork: its origin is not where it would land',
    env: { ...GITLAB_MERGE, CI_PROJECT_ID: '6' },
    says: { kind: 'unclear', system: 'gitlab' },
  },
  {
    title: 'gitlab branch: onto the default branch',
    env: {
      ...{ GITLAB_CI: 'true', CI_PIPELINE_SOURCE: 'push', CI_COMMIT_SHA: TOPIC_SHA },
      ...{ CI_COMMIT_BRANCH: 'topic', CI_DEFAULT_BRANCH: 'main' },
    },
    says: { kind: 'claim', system: 'gitlab', ...topicOntoMain },
  },
  {
    title: 'woodpecker pull request: the source onto the target',
    env: WOODPECKER,
    says: { kind: 'claim', system: 'woodpecker', ...topicOntoMain },
  },
  {
    title: 'woodpecker push of main says nothing of where it was',
    env: { ...WOODPECKER, CI_PIPELINE_EVENT: 'push' },
    says: { kind: 'unclear', system: 'woodpecker' },
  },
  {
    title: 'buildkite pull request: the commit onto its base branch',
    env: BUILDKITE,
    says: { kind: 'claim', system: 'buildkite', ...topicOntoMain },
  },
  {
    title: 'buildkite branch: onto the default branch of the pipeline',
    env: { ...BUILDKITE, BUILDKITE_PULL_REQUEST: 'false', BUILDKITE_PULL_REQUEST_BASE_BRANCH: '' },
    says: { kind: 'claim', system: 'buildkite', ...topicOntoMain },
  },
  {
    title: 'buildkite of a commit that is not named is not guessed for',
    env: { ...BUILDKITE, BUILDKITE_COMMIT: 'HEAD' },
    says: { kind: 'unclear', system: 'buildkite' },
  },
];
