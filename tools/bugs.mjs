/** Bugs that the simulation must find: each a way to break the built service, and the invariants, one of which reports it. */
const inService = (file, text, by) => ({ file: `apps/orchestrator/dist/${file}`, text, by });

export const BUGS = [
  {
    name: 'the critical window is entered without the job token',
    patches: [inService('store/cancellations.js', 'j.id = :jobId AND j.token = :token AND', 'j.id = :jobId AND')],
    reported: ['stale-token'],
  },
  {
    name: 'a lease is released late',
    patches: [
      inService('store/transition/queue.js', "(isInactive(task) || said.has('release-lease'))", 'isInactive(task)'),
    ],
    reported: ['lease-at-rest'],
  },
  {
    name: 'the reaper forgets that a job is over',
    patches: [inService('store/jobs.js', "state = 'leased' AND (lease_until", '(lease_until')],
    reported: ['ended-jobs-stay-ended', 'one-live-job', 'active-has-job', 'no-surprise'],
  },
  {
    name: 'a cancelled job is given back and tried again',
    patches: [
      inService(
        'store/jobs.js',
        'change(JOB, GIVE_BACK)',
        "change(JOB, GIVE_BACK.replace(UNDER_TOKEN, 'id = :jobId'))",
      ),
    ],
    reported: ['stale-token', 'ended-jobs-stay-ended'],
  },
  {
    name: 'a branch is taken up again without a new generation',
    patches: [inService('store/add-task.js', '?.highest ?? 0) + 1', '?.highest ?? 0) * 0 + 1')],
    reported: ['generations-grow'],
  },
  {
    name: 'a lease is granted to a job that was taken away',
    patches: [inService('store/leases.js', 'job !== undefined && !(yield* jobs.isClaim(job))', 'false')],
    reported: ['stale-token', 'lease-at-rest'],
  },
  {
    name: 'who comes back to the serial gate is the first again',
    patches: [inService('store/transition/apply-event.js', '{ startedAt: null }', '{}')],
    reported: ['every-task-ends'],
  },
  {
    name: 'a refusal inside the window of another run is the last word',
    patches: [inService('worker/jobs/landing.js', ' || mayStillLand', '')],
    reported: ['landed-was-passed'],
  },
];
