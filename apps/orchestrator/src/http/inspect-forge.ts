/** What `doctor --repo` says: whether tasks can land, what the forge itself lacks, and whether its webhooks would be believed. */
import type { z } from '@hono/zod-openapi';
import type { ServiceContext } from '../context.ts';
import type { Repository } from '../store/port/index.ts';
import type { forgeFindingView } from './views.ts';

type Finding = z.infer<typeof forgeFindingView>;
type Forge = ReturnType<ServiceContext['forgeOf']>;

/** Reads the forge now. The first line is whether anything can land there at all. */
export async function inspectForge(
  forge: Pick<Forge, 'cannotLand' | 'inspect' | 'name'>,
  repo: Pick<Repository, 'main' | 'credential'>,
  settings: ServiceContext['settings'],
): Promise<Finding[]> {
  const refused = await forge.cannotLand(repo.main);
  const landing: Finding =
    refused === null
      ? { name: 'main', status: 'ok', detail: `${repo.main} is there and can be read`, next: null }
      : { name: 'main', status: 'fail', detail: refused.reason, next: refused.next };
  const found = await forge.inspect(repo.main);
  if ('kind' in found)
    return [
      landing,
      { name: 'people', status: 'ok', detail: `not on this kind of forge: ${found.reason}`, next: null },
    ];
  return [landing, ...found.map((finding) => ({ ...finding })), webhookSecret(forge.name, repo.credential, settings)];
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
