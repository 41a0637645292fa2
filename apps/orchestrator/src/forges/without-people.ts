/** The people's part of a forge that has none. */
import type { Unsupported } from '../platform/tell-answer.ts';
import type { ForgeForPeople } from './people.ts';

/** Every question is answered with the reason. */
export function withoutPeople(reason: string): ForgeForPeople {
  const unsupported = async (): Promise<Unsupported> => ({ kind: 'unsupported', reason });
  return {
    repository: unsupported,
    setStatus: unsupported,
    comment: unsupported,
    pullRequests: unsupported,
    pullRequest: unsupported,
    comments: unsupported,
    mayCommand: unsupported,
    finish: unsupported,
    inspect: unsupported,
  };
}
