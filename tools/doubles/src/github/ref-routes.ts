/** The repository, its branches, and refs: moved only forward unless forced, and never beside a rule. */
import { type Api, FORBIDDEN, NOT_FOUND, ok, type Reply, type RepositoryCall, refuse } from './api.ts';
import { branchShape, comparisonShape, protectionShape, ruleShapes, rulesetShape } from './check-shapes.ts';
import { type Json, repositoryShape } from './shapes.ts';
import { fullName, hasRole } from './state.ts';
import { whyNotMoved } from './world.ts';

export function addRefRoutes(api: Api): void {
  api.onRepository('GET', '', ({ repository, bearer, world }) => {
    const has = (role: Parameters<typeof hasRole>[2]): boolean => hasRole(repository, bearer, role);
    const permissions = {
      admin: has('admin'),
      maintain: has('maintain'),
      push: has('write'),
      triage: has('triage'),
      pull: true,
    };
    return ok({ ...repositoryShape(repository, world.roots), permissions });
  });
  api.onRepository('GET', '/git/ref/:ref{.+}', (call) => {
    const sha = branchOf(call);
    return sha === undefined ? NOT_FOUND : ok(refShape(call, sha));
  });
  api.onRepository('POST', '/git/refs', createRef);
  api.onRepository('PATCH', '/git/refs/:ref{.+}', moveRef);
  api.onRepository('DELETE', '/git/refs/:ref{.+}', deleteRef);
  api.onRepository('GET', '/branches/:branch', (call) => {
    const { repository, params, world } = call;
    const branch = params['branch'] ?? '';
    const sha = repository.seen.get(branch);
    return sha === undefined
      ? refuse(404, 'Branch not found')
      : ok(branchShape({ repository, branch, sha, roots: world.roots }));
  });
  api.onRepository('GET', '/branches/:branch/protection', ({ repository, bearer, params, world }) => {
    const protection = repository.protection.get(params['branch'] ?? '');
    if (!hasRole(repository, bearer, 'admin')) return NOT_FOUND;
    if (protection === undefined) return refuse(404, 'Branch not protected');
    const url = `${world.roots.api}/repos/${fullName(repository)}/branches/${params['branch']}/protection`;
    return ok(protectionShape(protection, url, 'whole'));
  });
  api.onRepository('GET', '/rules/branches/:branch{.+}', ({ repository, params }) =>
    repository.isUnpaid
      ? refuse(403, 'Upgrade to GitHub Pro or make this repository public to enable this feature.')
      : ok(params['branch'] === repository.defaultBranch ? ruleShapes(repository.rulesets, repository) : []),
  );
  api.onRepository('GET', '/compare/:range{.+}', compare);
  api.onRepository('GET', '/rulesets/:id', ({ repository, params, bearer }) => {
    const found = repository.rulesets.find(({ id }) => String(id) === params['id']);
    return found === undefined ? NOT_FOUND : ok(rulesetShape(found, repository, bearer.account.login));
  });
}

async function compare({ repository, params, world }: RepositoryCall): Promise<Reply> {
  const [from = '', head = ''] = (params['range'] ?? '').split('...');
  const base = repository.seen.get(from) ?? from;
  const common = await repository.bare.git('merge-base', base, head).catch(() => null);
  return common === null ? NOT_FOUND : ok(comparisonShape(repository, { base, head, common }, world.roots));
}

const nameOf = ({ params }: RepositoryCall): string => (params['ref'] ?? '').replace(/^heads\//, '');
const branchOf = (call: RepositoryCall): string | undefined => call.repository.seen.get(nameOf(call));

function refShape(call: RepositoryCall, sha: string): Json {
  const url = `${call.world.roots.api}/repos/${fullName(call.repository)}/git/refs/heads/${nameOf(call)}`;
  return { ref: `refs/heads/${nameOf(call)}`, node_id: 'REF_1', url, object: { type: 'commit', sha, url } };
}

async function createRef(call: RepositoryCall): Promise<Reply> {
  const { repository, bearer, body } = call;
  if (!hasRole(repository, bearer, 'write')) return FORBIDDEN;
  const [ref, sha] = [String(body['ref']), String(body['sha'])];
  if (!(await repository.bare.has(sha))) return refuse(422, 'Object does not exist');
  if (!(await repository.bare.move(ref, null, sha))) return refuse(422, 'Reference already exists');
  return ok(refShape({ ...call, params: { ...call.params, ref: ref.replace('refs/', '') } }, sha), 201);
}

async function moveRef(call: RepositoryCall): Promise<Reply> {
  const { repository, bearer, body } = call;
  if (!hasRole(repository, bearer, 'write')) return FORBIDDEN;
  const from = branchOf(call);
  const to = String(body['sha']);
  if (from === undefined) return refuse(422, 'Reference does not exist');
  if (!(await repository.bare.has(to))) return refuse(422, 'Object does not exist');
  const isForward = await repository.bare.contains(to, from);
  if (!isForward && body['force'] !== true) return refuse(422, 'Update is not a fast forward');
  const why = whyNotMoved(repository, { branch: nameOf(call), to, by: bearer });
  if (why !== null) return refuse(422, why);
  const hasMoved = from === to || (await repository.bare.move(`refs/heads/${nameOf(call)}`, from, to));
  return hasMoved ? ok(refShape(call, to)) : refuse(409, 'Reference update failed');
}

async function deleteRef(call: RepositoryCall): Promise<Reply> {
  const { repository, bearer } = call;
  if (!hasRole(repository, bearer, 'write')) return FORBIDDEN;
  const from = branchOf(call);
  if (from === undefined) return refuse(422, 'Reference does not exist');
  if (repository.protection.has(nameOf(call))) return refuse(422, 'Cannot delete this protected branch');
  return (await repository.bare.move(`refs/heads/${nameOf(call)}`, from, null))
    ? { status: 204 }
    : refuse(409, 'Reference update failed');
}
