/** What `doctor --repo` says: whether tasks can land, what the forge itself lacks, and whether its webhooks would be believed. */
import type { z } from '@hono/zod-openapi';
import type { ServiceContext } from '../context.ts';
import { inWords, type MainHealth } from '../platform/health-of-main.ts';
import { operatorFileProblem } from '../policy/operator-file.ts';
import { everythingOff } from '../policy/switched-off.ts';
import type { Repository } from '../store/port/index.ts';
import type { forgeFindingView } from './views.ts';

/** What stands on main already; nothing is said before it was looked at. */
export function healthFindings(repo: string, health: MainHealth | null): Finding[] {
  if (health === null) return [];
  const { commit, findings, unknown } = health;
  const at = `at ${commit.slice(0, 12)}`;
  const blind = unknown.length === 0 ? '' : `; not looked at: ${unknown.join(', ')}`;
  const next = `gatehouse audit --repo ${repo}`;
  if (findings.length > 0)
    return [{ name: 'health of main', status: 'warn', detail: `it holds ${inWords(findings)} ${at}${blind}`, next }];
  return blind === ''
    ? [{ name: 'health of main', status: 'ok', detail: `no secret, no known vulnerability ${at}`, next: null }]
    : [{ name: 'health of main', status: 'warn', detail: `nothing was found ${at}${blind}`, next }];
}

type Finding = z.infer<typeof forgeFindingView>;
type Forge = ReturnType<ServiceContext['forgeOf']>;

/** What no gate keeps out of this repository. */
export const gateFindings = (repo: string, settings: ServiceContext['settings']): Finding[] =>
  everythingOff(settings, [{ id: repo }]).map(({ name, words, mend }) => ({
    name,
    status: 'warn',
    detail: words,
    next: mend,
  }));

/** Reads the forge now. The first line is whether anything can land there at all. */
export async function inspectForge(
  service: Pick<ServiceContext, 'loadPolicy' | 'lookAtRepository' | 'mirrors' | 'settings'>,
  forge: Pick<Forge, 'cannotLand' | 'inspect' | 'name'>,
  repo: Repository,
): Promise<Finding[]> {
  const { settings, lookAtRepository } = service;
  const known = ofRepository(repo, await lookAtRepository(repo));
  const off = [...(await policyFindings(service, repo)), ...gateFindings(repo.id, settings)];
  if (known?.status === 'fail') return [known, ...off];
  const refused = await forge.cannotLand(repo.main);
  const landing: Finding =
    refused === null
      ? { name: 'main', status: 'ok', detail: `${repo.main} is there and can be read`, next: null }
      : { name: 'main', status: 'fail', detail: refused.reason, next: refused.next };
  const found = await forge.inspect(repo.main);
  if ('kind' in found)
    return [
      landing,
      ...off,
      { name: 'people', status: 'ok', detail: `not on this kind of forge: ${found.reason}`, next: null },
    ];
  const itself = known === null ? [] : [known];
  return [
    landing,
    ...itself,
    ...off,
    ...found.map((finding) => ({ ...finding })),
    webhookSecret(forge.name, repo.credential, settings),
  ];
}

/** Whether jobs can read how a change is judged: the operator's file, and that of main as far as main is known. */
async function policyFindings(
  { loadPolicy, mirrors, settings }: Pick<ServiceContext, 'loadPolicy' | 'mirrors' | 'settings'>,
  { id, mainSha, policyPath, profile }: Repository,
): Promise<Finding[]> {
  const problem = await operatorFileProblem(policyPath, profile);
  const next = 'correct the file; it is read anew by the next job';
  if (problem !== null) return [{ name: "operator's file", status: 'fail', detail: problem, next }];
  const own: Finding[] =
    policyPath === null ? [] : [{ name: "operator's file", status: 'ok', detail: policyPath, next: null }];
  if (mainSha === null) return own;
  const git = { gitDir: mirrors.directory(id) };
  const loaded = await loadPolicy({ git, base: mainSha, operatorFile: policyPath ?? '', settings });
  if (loaded.kind !== 'invalid') return own;
  return [
    ...own,
    { name: 'gatehouse.yaml', status: 'fail', detail: loaded.problems.join('; '), next: 'correct it on main' },
  ];
}

type Standing = Awaited<ReturnType<ServiceContext['lookAtRepository']>>;

/** Null: the forge has nothing to tell repositories apart by, or did not answer, which the other lines say. */
function ofRepository({ id, url, forgeId }: Repository, standing: Standing): Finding | null {
  const name = 'repository';
  switch (standing.kind) {
    case 'unsure':
    case 'not-told':
      return null;
    case 'as-known':
      return standing.address === url
        ? {
            name,
            status: 'ok',
            detail: `number ${forgeId ?? standing.forgeId} at its forge, as it was known`,
            next: null,
          }
        : {
            name,
            status: 'warn',
            detail: `it was renamed or transferred to ${standing.address}, and is followed there`,
            next: `gatehouse repo set ${id} --address ${standing.address}`,
          };
    default:
      return { name, status: 'fail', detail: standing.reason, next: standing.next };
  }
}

function webhookSecret(
  forge: string,
  credential: string | null,
  { credentials }: Pick<ServiceContext['settings'], 'credentials'>,
): Finding {
  const names = [credential, forge].filter((name) => name !== null);
  const holder = names.find((name) => (credentials.get(name)?.webhookSecret ?? '') !== '');
  return holder === undefined
    ? {
        name: 'webhook secret',
        status: 'warn',
        detail: 'none is set, so no webhook is believed: what people do is seen at the next poll',
        next: `set ORCH_${forge.toUpperCase()}_WEBHOOK_SECRET and the same secret at a webhook to /webhooks/${forge}`,
      }
    : { name: 'webhook secret', status: 'ok', detail: `that of the credential ${holder}`, next: null };
}
