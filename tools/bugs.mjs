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
    patches: [
      inService('store/transition/apply-event.js', '{ startedAt: null }', '{}'),
      inService(
        'store/claim-rules.js',
        'WHERE o.repo_id = t.repo_id AND',
        "WHERE o.repo_id = t.repo_id AND o.status <> 'blocked' AND",
      ),
    ],
    reported: ['every-task-ends'],
  },
  {
    name: 'a refusal inside the window of another run is the last word',
    patches: [inService('worker/jobs/landing.js', ' || mayStillLand', '')],
    reported: ['landed-was-passed'],
  },
  {
    name: 'a landing that is given up inside the window leaves it open behind itself',
    patches: [inService('store/transition/apply-event.js', 'return { ...event, inside: true };', 'return event;')],
    reported: ['window-at-landing'],
  },
  {
    name: 'a forge that fails after it has landed is believed',
    patches: [
      inService(
        'worker/jobs/landing.js',
        'const pushed = await service.forgeOf(repo).land(order);',
        `const pushed = await service.forgeOf(repo).land(order);
    if (pushed.kind === 'in-doubt')
        return answer(landing, { kind: 'infra', reason: pushed.reason }, { leaveCritical: true });`,
      ),
    ],
    reported: ['landed-is-told', 'landed-was-passed'],
  },
  {
    name: 'a pull request that its own landing closed is taken back',
    patches: [
      inService('worker/pull-requests/decide.js', 'task.criticalToken === null ? ', 'true ? '),
      inService('worker/pull-requests/look.js', 'isTakenAway(decided)', 'false'),
    ],
    reported: ['landed-is-told'],
  },
  {
    name: 'only the landing itself may say that somebody else landed it',
    patches: [
      {
        file: 'packages/stage-engine/dist/on-answers.js',
        text: "answer.kind === 'merged-outside' ? landedOnTheWay(state) : ignored(state)",
        by: 'ignored(state)',
      },
    ],
    reported: ['landed-is-told', 'every-task-ends', 'active-has-job'],
  },
  {
    name: 'a pull request that its forge closed is taken back without a look at main',
    patches: [inService('worker/pull-requests/look.js', 'isTakenAway(decided)', 'false')],
    reported: ['landed-is-told'],
  },
  {
    name: 'what landed while nobody was told is tested again, or ends with its branch',
    patches: [
      inService('worker/jobs/check.js', 'await isLandedOutside(service, task, main)', "'no'"),
      inService('worker/branch-watcher.js', 'await isLandedOutside(service, task, main)', "'no'"),
    ],
    reported: ['landed-is-told'],
  },
  {
    name: 'a forge that looks again is not asked again',
    patches: [
      {
        file: 'packages/stage-engine/dist/actions.js',
        text: "resumedBy: ['forge-changed', 'timer'],\n        timer: 'poll',\n        timerAsks: 'step',\n        capped: true,\n    },\n    'cannot-land'",
        by: "resumedBy: [],\n        timer: null,\n        timerAsks: 'step',\n        capped: true,\n    },\n    'cannot-land'",
      },
    ],
    reported: ['every-task-ends'],
  },
  {
    name: 'checks of the forge that are not done do not matter',
    patches: [
      inService('worker/jobs/landing.js', "return { kind: 'ci-pending', reason: required.reason };", 'return null;'),
    ],
    reported: ['landed-was-green'],
  },
  {
    name: "a lint, an agent's word and a green staging are a run of the tests",
    patches: [inService('checks/merge-check.js', 'policy.ciCoversTest && ', '')],
    reported: ['landed-was-tested'],
  },
  {
    name: 'two deployments to one stage go at once',
    patches: [inService('worker/deployments.js', 'while (!turn.isFirst())', 'while (false)')],
    reported: ['deployed-in-order'],
  },
  {
    name: 'a deployment that is asked for again puts an older commit in place of a newer one',
    patches: [
      inService('worker/deployments.js', "contains === 'yes'", 'false'),
      inService('worker/deployments.js', "contains === 'unknown'", 'false'),
    ],
    reported: ['deployed-in-order'],
  },
];
