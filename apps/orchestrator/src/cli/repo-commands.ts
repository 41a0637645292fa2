/** `gatehouse repo`: register a repository, list them, thaw one. */
import { resolve } from 'node:path';
import { z } from '@hono/zod-openapi';
import { addressAsPath, isMeantAsAddress } from '../forges/address.ts';
import { forgeFindingView, registeredView, repoView } from '../http/views.ts';
import { type Answer, EXIT, type Terminal, table, usage } from './answer.ts';
import { type Api, everyPage } from './api-client.ts';
import { listed, shown } from './remote-commands.ts';

export interface RepoOptions {
  readonly path?: string;
  readonly name?: string;
  readonly forge?: string;
  readonly credential?: string;
  readonly main?: string;
  readonly policy?: string;
  readonly profile?: string;
}

export function repoAdd(
  api: Api,
  what: string,
  { cwd, ...options }: RepoOptions & Pick<Terminal, 'cwd'>,
): Promise<Answer> {
  const { path, name, policy, forge, credential, main, profile } = options;
  const isAddress = isMeantAsAddress(what);
  const misplaced = addressAsPath(path, policy);
  if (misplaced !== null)
    return Promise.resolve(
      usage(
        `${misplaced} is an address, and what is asked for is a path on this machine`,
        misplaced === path ? `gatehouse repo add ${path}${isAddress ? '' : ` --name ${what}`}` : undefined,
      ),
    );
  if (!isAddress && path === undefined)
    return Promise.resolve(
      usage(
        `${what} is no address: pass https://… or git@…, or --path with the bare repository`,
        `gatehouse repo add ${what} --path /path/to/${what}.git`,
      ),
    );
  const place = isAddress ? { url: what } : { path: resolve(cwd, path ?? '') };
  const registered = shown(
    api.post('/repos', {
      id: name ?? (isAddress ? nameOf(what) : what),
      ...place,
      ...(isAddress && path !== undefined ? { path } : {}),
      forge,
      credential,
      main,
      profile,
      ...(policy === undefined ? {} : { policy_path: resolve(cwd, policy) }),
    }),
    registeredView,
    (repo) => [`registered ${repo.id} (${repo.url}, branches land on ${repo.main})`, ...aboutForge(repo)].join('\n'),
  );
  return registered.then(refuseWhatCannotLand);
}

/** It is registered, and a script that goes on as if branches could land there would wait for ever. */
function refuseWhatCannotLand(answer: Answer): Answer {
  const repo = registeredView.safeParse(answer.json);
  if (!repo.success || repo.data.findings.every(({ status }) => status !== 'fail')) return answer;
  const { id } = repo.data;
  return {
    ...answer,
    exit: EXIT.error,
    problem: `${id} is registered, and nothing can land there until what fails above is mended`,
    next: `gatehouse doctor --repo ${id}`,
  };
}

/** The last part of an address, as far as a name may hold it. */
const nameOf = (address: string): string =>
  (/([^/:]+?)(?:\.git)?\/*$/.exec(address)?.[1] ?? '').replace(/[^A-Za-z0-9_.-]+/g, '-').slice(0, 100);

function aboutForge({ forge, credential, findings }: z.infer<typeof registeredView>): string[] {
  const found = findings.map(
    ({ name, status, detail, next }) => `${status.padEnd(4)} ${name}: ${detail}${next === null ? '' : `; ${next}`}`,
  );
  if (forge === 'local') return found;
  const by = credential === null ? 'without a credential' : `with the credential ${credential}`;
  const plain =
    forge === 'git'
      ? '; branches only: where it is a Gitea, Forgejo or GitHub, say so with --forge to see its pull requests'
      : '';
  return [`forge ${forge}, ${by}${plain}`, ...found];
}

export const repoThaw = (api: Api, id: string): Promise<Answer> =>
  shown(
    api.post(`/repos/${encodeURIComponent(id)}/thaw`, {}),
    repoView,
    (repo) => `${repo.id} is open again; retry what is blocked as frozen`,
  );

export type Place = Pick<RepoOptions, 'main'> & { readonly address?: string };

export function repoSet(api: Api, id: string, { address, main }: Place): Promise<Answer> {
  if (address === undefined && main === undefined)
    return Promise.resolve(usage('say what has changed: --address ADDRESS, --main BRANCH, or both'));
  return shown(
    api.post(`/repos/${encodeURIComponent(id)}/place`, { address, main }),
    repoView,
    (repo) => `${repo.id} is at ${repo.url}, branches land on ${repo.main}`,
  );
}

/** What a person has to set right at a repository's forge; a failing line is a failing command. */
export async function repoDoctor(api: Api, id: string): Promise<Answer> {
  const findings = z.array(forgeFindingView);
  const answer = await listed('checks', api.get(`/repos/${encodeURIComponent(id)}/forge`), forgeFindingView, (rows) =>
    table(
      ['check', 'state', 'detail', 'next'],
      rows.map(({ name, status, detail, next }) => [name, status, detail, next ?? '']),
    ),
  );
  if (answer.exit !== EXIT.pass) return answer;
  const { checks } = answer.json as { checks: unknown };
  const ok = findings.parse(checks).every(({ status }) => status !== 'fail');
  return { ...answer, exit: ok ? EXIT.pass : EXIT.error, json: { ok, checks } };
}

/** Every registered repository, with the forge and the name of the credential that serve it. */
export const repoList = (api: Api): Promise<Answer> =>
  listed('repos', everyPage(api, '/repos'), repoView, (repos) =>
    repos.length === 0
      ? 'no repository is registered; add one: gatehouse repo add https://host/owner/name, or gatehouse repo add NAME --path /path/to/bare.git'
      : table(
          ['name', 'place', 'forge', 'credential', 'main', 'state'],
          repos.map((repo) => [repo.id, placeOf(repo), repo.forge, repo.credential ?? '-', repo.main, stateOf(repo)]),
        ),
  );

const placeOf = ({ url, moved_to }: z.infer<typeof repoView>): string =>
  moved_to === null ? url : `${url}, now ${moved_to}`;

const stateOf = ({ frozen_reason, paused, paused_reason }: z.infer<typeof repoView>): string =>
  frozen_reason ?? (paused ? (paused_reason === null ? 'paused' : `paused: ${paused_reason}`) : 'open');
