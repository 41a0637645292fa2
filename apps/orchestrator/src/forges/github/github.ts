/**
 * GitHub, on github.com or on a server of one's own, with a token or as an App. It was run against the double of
 * `tools/doubles` alone, and never against the real thing (docs/adr/0022-the-outside-is-read-again-and-told-once.md).
 */
import type { ForgeAccess } from '../choose.ts';
import { deleteTaskBranch, fetchHeads, pushTaskBranch } from '../git-remote.ts';
import type { GitPatience } from '../land-by-git.ts';
import type { Forge } from '../port.ts';
import { refusingForge } from '../unknown.ts';
import { openGithubApi } from './api.ts';
import type { ApiLimits } from './call.ts';
import { finish } from './finish.ts';
import { cannotLand, type Inspected, inspect } from './inspect.ts';
import { land, prepare } from './land.ts';
import { mayCommand, newComments, onePullRequest, openPullRequests } from './people.ts';
import { githubRemote } from './remote.ts';
import { repositoryNow } from './repository.ts';
import { reportedChecks, requiredChecks } from './required-checks.ts';
import { putComment, putStatus } from './tell.ts';

/** A forge over the repository at GitHub that `access.url` names. */
export function githubForge(access: ForgeAccess, { gitTimeoutMs, ...limits }: ApiLimits & GitPatience = {}): Forge {
  const api = openGithubApi(access, limits);
  if (api === null)
    return refusingForge('github', {
      reason: 'the address is no https or ssh address of a repository at GitHub: https://HOST/OWNER/NAME',
      next: 'register it with such an address',
    });
  const credential = access.credential ?? 'github';
  const remote = githubRemote(access, api);
  const place = { api, remote, patience: gitTimeoutMs === undefined ? {} : { gitTimeoutMs } };
  const inspected: Inspected = {
    api,
    credential,
    web: api.web,
    hasWebhookSecret: (access.credentials.get(credential)?.webhookSecret ?? '') !== '',
  };
  return {
    name: 'github',
    credential: access.credential ?? null,
    fetch: (request) => fetchHeads(remote, request),
    cannotLand: (main) => cannotLand(inspected, main),
    requiredChecks: (of) => requiredChecks(api, of),
    reportedChecks: (of) => reportedChecks(api, of),
    prepare: (request) => prepare(place, request),
    land: (request) => land(place, request),
    pushBranch: (order) => pushTaskBranch(remote, order),
    deleteBranch: (order) => deleteTaskBranch(remote, order),
    repository: (main, signal) => repositoryNow(api, { url: access.url, main, signal }),
    setStatus: (status) => putStatus(api, status),
    comment: (comment) => putComment(api, comment),
    pullRequests: (signal) => openPullRequests(api, signal),
    pullRequest: (number, signal) => onePullRequest(api, number, signal),
    comments: (of) => newComments(api, of),
    mayCommand: (login, signal) => mayCommand(api, login, signal),
    finish: (landed) => finish(api, landed),
    inspect: (main, signal) => inspect(inspected, main, signal),
  };
}
