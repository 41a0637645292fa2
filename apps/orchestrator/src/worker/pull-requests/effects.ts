/** What the outbox has done at pull requests. */
import type { PeopleEffects } from '../outbox.ts';
import { type Finishes, finishPullRequest } from './finish.ts';
import { type Tells, tellPeople } from './tell.ts';

export function peopleEffects(service: Tells & Finishes): PeopleEffects {
  const quietUntil = new Map<string, number>();
  return {
    tell: (row) => tellPeople(service, row, quietUntil),
    finish: (row) => finishPullRequest(service, row),
  };
}
