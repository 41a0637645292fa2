/**
 * The checkouts in which gates run commands: one per claim of a job. A claim that takes a job over gets a checkout of its
 * own, so nothing that the old claim still runs, and no other task of the repository, can change what is being tested.
 */
import { join } from 'node:path';
import { checkoutOfHome, removeHomes } from '@gatehouse/gate-run';
import { removeSlot } from '@gatehouse/git';
import { namesIn } from '../platform/files.ts';
import type { JobStore, JobToken } from '../store/port/index.ts';
import { fileName } from './mirrors.ts';

const CLAIM = /^(\d+)-(\d+)$/;

const checkoutsOf = (dataDir: string, repoId: string): string => join(dataDir, 'slots', fileName(repoId));

/** Where the commands of one claim run. */
export const checkoutPath = (dataDir: string, repoId: string, { jobId, token }: JobToken): string =>
  join(checkoutsOf(dataDir, repoId), `${jobId}-${token}`);

/** Removes the slots of a repository that no live claim works in: what a killed service left, or an aborted job. */
export async function removeStaleCheckouts(
  dataDir: string,
  store: Pick<JobStore, 'getJob'>,
  repoId: string,
): Promise<void> {
  const names = await namesIn(checkoutsOf(dataDir, repoId));
  const slots = new Set(names.map((name) => checkoutOfHome(name) ?? name.replace(/\.git$/, '')));
  for (const slot of slots)
    if (!(await isLive(store, slot))) await removeCheckout(join(checkoutsOf(dataDir, repoId), slot));
}

/** Removes a checkout with what its runs had around it; the checkout last, because the rest is found by its name. */
export async function removeCheckout(dir: string): Promise<void> {
  await removeHomes(dir);
  await removeSlot({ dir });
}

async function isLive(store: Pick<JobStore, 'getJob'>, slot: string): Promise<boolean> {
  const [, jobId, token] = CLAIM.exec(slot) ?? [];
  if (jobId === undefined) return false;
  const job = await store.getJob(Number(jobId));
  return job?.state === 'leased' && job.token === Number(token);
}
