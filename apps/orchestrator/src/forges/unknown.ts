/** A repository that a newer version registered: nothing of it is touched, and every caller gets the reason. */
import type { CannotLand, Forge } from './port.ts';
import { withoutPeople } from './without-people.ts';

/** Refuses everything in the name of the forge that this version does not know. */
export const unknownForge = (name: string): Forge =>
  refusingForge(name, {
    reason: `this version knows no forge called ${JSON.stringify(name.slice(0, 100))}`,
    next: 'install the version of Gatehouse that registered the repository',
  });

/** Refuses every call for one reason. */
export function refusingForge(name: string, { reason, next }: CannotLand): Forge {
  const unreachable = async () => ({ kind: 'unreachable', reason }) as const;
  const cannotLand = async () => ({ kind: 'cannot-land', reason }) as const;
  return {
    name,
    credential: null,
    fetch: unreachable,
    cannotLand: async () => ({ reason, next }),
    requiredChecks: unreachable,
    prepare: cannotLand,
    land: cannotLand,
    pushBranch: async () => ({ kind: 'unpushed', reason }),
    deleteBranch: async () => ({ kind: 'unknown', reason }),
    ...withoutPeople(reason),
  };
}
