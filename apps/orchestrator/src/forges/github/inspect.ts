/** What a person has to set right at GitHub before tasks can land, and what is right. */
import type { ForgeFinding } from '../people.ts';
import type { CannotLand } from '../port.ts';
import type { GithubApi } from './api.ts';
import { inPath, read, type Unanswered } from './call.ts';
import { mayCommand, whoWeAre } from './people.ts';
import { type BranchRules, readBranchRules } from './protection.ts';
import { HOOK, REF, REPOSITORY, RULESET } from './shapes.ts';

export interface Inspected {
  readonly api: GithubApi;
  /** `https://github.com/octo/app`, for a person. */
  readonly web: string;
  readonly credential: string;
  readonly hasWebhookSecret: boolean;
}

/** Asked before anything waits for it. */
export async function cannotLand({ api, web, credential }: Inspected, main: string): Promise<CannotLand | null> {
  const repository = read(await api.ask({ method: 'GET', path: '' }), REPOSITORY);
  const wants = `give the credential ${credential} write access to it: contents, pull requests, commit statuses; read access to checks, metadata`;
  if (repository.kind === 'refused' && repository.status === 404)
    return {
      reason: `GitHub shows no repository ${web} to the credential ${credential}`,
      next: `correct the address, or ${wants}`,
    };
  if (repository.kind === 'refused' && repository.status < 400)
    return { reason: repository.reason, next: 'register the repository with its new address' };
  if (repository.kind !== 'read') return { reason: repository.reason, next: nextOf(repository, credential) };
  if (repository.value.archived) return { reason: `${web} is archived`, next: `unarchive it: ${web}/settings` };
  // An installation's rights are those of the App; a repository need not repeat them.
  if (api.session.installation === null && repository.value.permissions?.push === false)
    return { reason: `the credential ${credential} may not write to ${web}`, next: wants };
  const found = read(await api.ask({ method: 'GET', path: `/git/ref/heads/${inPath(main)}` }), REF);
  if (found.kind === 'read') return null;
  return found.kind === 'refused' && found.status === 404
    ? { reason: `${web} has no branch ${main}`, next: 'pass the name of its main branch with --main' }
    : { reason: found.reason, next: nextOf(found, credential) };
}

const nextOf = (asked: Unanswered, credential: string): string =>
  asked.kind === 'refused'
    ? `look whether ORCH_CREDENTIAL_${credential.toUpperCase()} is right and has not expired`
    : 'look whether GitHub can be reached from this machine, then try again';

export async function inspect(of: Inspected, main: string, signal?: AbortSignal): Promise<readonly ForgeFinding[]> {
  const blocked = await cannotLand(of, main);
  if (blocked !== null) return [{ name: 'landing', status: 'fail', detail: blocked.reason, next: blocked.next }];
  const who = await whoWeAre(of.api, signal);
  const login = who.kind === 'login' ? who.login : null;
  const rules = await readBranchRules(of.api, { branch: main, signal });
  return [
    { name: 'landing', status: 'ok', detail: `${of.web} may be written by ${login ?? 'the credential'}`, next: null },
    await scopes(of, signal),
    ...(rules.kind === 'rules'
      ? [protection(of, rules, main), checks(rules, main), ...(await bypass(of, rules, signal))]
      : [
          {
            name: 'protection',
            status: 'warn' as const,
            detail: rules.reason,
            next: 'let the token read the rules: metadata',
          },
        ]),
    await commanders(of, login, signal),
    await webhooks(of, signal),
  ];
}

/** Classic tokens name their scopes; fine-grained ones and Apps do not. */
async function scopes({ api }: Inspected, signal?: AbortSignal): Promise<ForgeFinding> {
  const asked = await api.ask({ method: 'GET', path: '', signal });
  const header = asked.kind === 'answered' ? asked.headers.get('x-oauth-scopes') : null;
  if (header === null)
    return {
      name: 'token',
      status: 'ok',
      detail: 'its rights are not listed by GitHub (a fine-grained token or an App)',
      next: null,
    };
  const named = header.split(',').map((one) => one.trim());
  const isEnough = named.includes('repo') || (named.includes('public_repo') && named.includes('repo:status'));
  return isEnough
    ? { name: 'token', status: 'ok', detail: `a classic token with the scopes ${header}`, next: null }
    : {
        name: 'token',
        status: 'fail',
        detail: `a classic token without the scope repo (it has ${header || 'none'})`,
        next: 'give it the scope repo: https://github.com/settings/tokens',
      };
}

function protection({ web }: Inspected, { isProtected, types }: BranchRules, main: string): ForgeFinding {
  const settings = `${web}/settings/rules`;
  if (!isProtected)
    return {
      name: 'protection',
      status: 'warn',
      detail: `${main} is not protected: everybody who may write can push past the gates`,
      next: `protect it: ${settings}`,
    };
  if (types.includes('pull_request'))
    return {
      name: 'protection',
      status: 'warn',
      detail: `a rule wants every change of ${main} to come by a pull request that is merged at GitHub; a fast-forward may be refused`,
      next: `let the token bypass that rule, or drop it: ${settings}`,
    };
  return { name: 'protection', status: 'ok', detail: `${main} is protected`, next: null };
}

function checks({ required }: BranchRules, main: string): ForgeFinding {
  const names = [...new Set(required.map(({ context }) => context))];
  const detail = names.length === 0 ? `no checks are required on ${main}` : `required on ${main}: ${names.join(', ')}`;
  return { name: 'required checks', status: 'ok', detail, next: null };
}

/** Who may bypass a rule is not stopped by it; the checks are honoured all the same. */
async function bypass({ api, web }: Inspected, rules: BranchRules, signal?: AbortSignal): Promise<ForgeFinding[]> {
  const may: string[] = [];
  for (const id of rules.rulesets) {
    const ruleset = read(await api.ask({ method: 'GET', path: `/rulesets/${id}`, signal }), RULESET);
    if (ruleset.kind === 'read' && ['always', 'exempt'].includes(ruleset.value.current_user_can_bypass ?? 'never'))
      may.push(`the ruleset ${ruleset.value.name}`);
  }
  if (rules.bindsAdmins === false && rules.required.length > 0) may.push('the protection, as an administrator');
  if (may.length === 0) return [];
  const detail = `the token may bypass ${may.join(' and ')}; required checks are honoured all the same`;
  return [{ name: 'bypass', status: 'warn', detail, next: `take it off the bypass list: ${web}/settings/rules` }];
}

async function commanders({ api }: Inspected, login: string | null, signal?: AbortSignal): Promise<ForgeFinding> {
  const right = login === null ? null : await mayCommand(api, login, signal);
  if (right !== null && (right.kind === 'may' || right.kind === 'may-not'))
    return { name: 'commands', status: 'ok', detail: 'GitHub tells who may write, and so may command', next: null };
  return {
    name: 'commands',
    status: 'warn',
    detail: `GitHub does not tell who may write${right === null ? '' : `: ${right.reason}`}`,
    next: 'list them in ORCH_FORGE_COMMANDERS',
  };
}

const EVENTS = [
  'push',
  'pull_request',
  'pull_request_review',
  'issue_comment',
  'status',
  'check_run',
  'create',
  'delete',
];

async function webhooks(
  { api, web, credential, hasWebhookSecret }: Inspected,
  signal?: AbortSignal,
): Promise<ForgeFinding> {
  const name = 'webhooks';
  const add = `add one at ${web}/settings/hooks: the address of this service with /webhooks/github, JSON, the secret, the events ${EVENTS.join(', ')}`;
  if (!hasWebhookSecret)
    return {
      name,
      status: 'warn',
      detail: 'no secret is set, so no webhook is taken; changes are seen by polling',
      next: `set ORCH_CREDENTIAL_${credential.toUpperCase()}_WEBHOOK_SECRET`,
    };
  const listed = await api.list({ path: '/hooks', signal });
  if (listed.kind !== 'list')
    return {
      name,
      status: 'warn',
      detail: 'the token may not read the webhooks, so they are not checked',
      next: `look at ${web}/settings/hooks yourself`,
    };
  const hook = listed.items
    .flatMap((item) => HOOK.safeParse(item).data ?? [])
    .find(({ config }) => config.url?.includes('/webhooks/github'));
  if (hook === undefined)
    return { name, status: 'warn', detail: 'there is none; changes are seen by polling', next: add };
  if (!hook.active)
    return { name, status: 'warn', detail: 'it is switched off', next: `switch it on: ${web}/settings/hooks` };
  const lacking = hook.events.includes('*') ? [] : EVENTS.filter((event) => !hook.events.includes(event));
  if (lacking.length > 0)
    return {
      name,
      status: 'warn',
      detail: `it does not send ${lacking.join(', ')}`,
      next: `add the events: ${web}/settings/hooks`,
    };
  const code = hook.last_response?.code ?? null;
  return code === null || code < 300
    ? { name, status: 'ok', detail: 'it sends what is needed', next: null }
    : {
        name,
        status: 'warn',
        detail: `its last delivery was answered with ${code}`,
        next: `look at its deliveries: ${web}/settings/hooks`,
      };
}
