import type { Invariant } from './invariant.ts';

export const oneHolder: Invariant = {
  name: 'one-holder',
  says: 'A lease token belongs to one holder, only grows, and no other task is inside the critical window.',
  reads: ['leases', 'tasks'],
  check: (after, before) => {
    const wrong: string[] = [];
    for (const was of before.leases) {
      const is = after.leases.find(({ repoId }) => repoId === was.repoId);
      if (is === undefined || is.token < was.token) wrong.push(`the token of ${was.repoId} fell below ${was.token}`);
      else if (is.token === was.token && is.holder !== was.holder)
        wrong.push(`token ${is.token} of ${is.repoId} went from ${was.holder} to ${is.holder}`);
      else if (is.token === was.token && was.released && !is.released)
        wrong.push(`token ${is.token} of ${is.repoId} came back to life`);
    }
    for (const { repoId } of after.leases) {
      const inside = [...after.tasks.values()].filter(
        (task) => task.repoId === repoId && task.criticalToken !== null && !task.landed,
      );
      if (inside.length > 1) wrong.push(`${inside.map(({ id }) => id).join(' and ')} are inside the window at once`);
      for (const { id, criticalToken } of inside)
        if (!after.leases.some((lease) => !lease.released && lease.holder === id && lease.token === criticalToken))
          wrong.push(`${id} is inside the window under token ${criticalToken} without that lease`);
    }
    return wrong;
  },
};
