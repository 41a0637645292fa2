/** Who may command: a person who may write to the repository. Only an administrator's token is told of others. */
import type { RightAnswer } from '../people.ts';
import { type GiteaClient, whyNot } from './client.ts';
import { PERMISSION } from './shapes.ts';

const WRITERS: ReadonlySet<string> = new Set(['write', 'admin', 'owner']);

export async function mayCommand(gitea: GiteaClient, login: string, signal?: AbortSignal): Promise<RightAnswer> {
  // A login that would change the path is nobody's.
  if (login === '' || login === '.' || login === '..') return { kind: 'may-not' };
  const path = `collaborators/${encodeURIComponent(login)}/permission`;
  const answer = await gitea.call({ method: 'GET', path, reads: PERMISSION, signal });
  if (answer.kind === 'ok') return { kind: WRITERS.has(answer.value.permission) ? 'may' : 'may-not' };
  if (answer.kind === 'unclear') return { kind: 'unreachable', reason: answer.reason };
  if (answer.status === 403) return { kind: 'not-told', reason: answer.message };
  // A name that Gitea will not hear of is nobody's; asking again would keep every other command waiting.
  const mayPass = answer.status === 401 || answer.status === 429;
  return mayPass ? { kind: 'unreachable', reason: whyNot(answer) } : { kind: 'may-not' };
}
