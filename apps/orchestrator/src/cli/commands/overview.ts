/** The top of the help: every command in one line, in groups, so that it fits a terminal of 80 by 40. */

export const OVERVIEW: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'One branch, from a shell or in CI:': {
    gate: 'run one gate on one branch: security, merge, coverage, all',
    audit: 'what stands on main already: secrets, vulnerable dependencies',
    init: 'write a first gatehouse.yaml, and try it on main',
    coverage: 'look at coverage reports: read, diff, annotate, calibrate',
    run: 'run a command with a deadline and leave no process behind',
    agent: "try one role of the operator's file in a scratch clone",
  },
  'The queue:': {
    repo: 'repositories whose branches land: add, list, thaw',
    task: 'branches on their way to main: add, show, stop, retry, approve',
    queue: 'what waits, and why',
    logs: 'what a job printed, running or ended',
    flaky: 'tests that were red and green on one tree',
  },
  'The service:': {
    serve: 'run it in the foreground',
    doctor: 'what this machine and these settings can do',
    pause: 'claim nothing more, of one repository or of all',
    resume: 'claim again',
    leases: 'who may move which main, and who is in line',
    baseline: 'what the coverage of a branch is compared with',
    notify: 'alerts for people: try, list, send again',
    backup: 'copy the store, also while the service runs',
    restore: 'put a copy of the store at its place',
  },
  'More:': {
    completion: 'print the tab completion of a shell: bash, zsh, fish',
    demo: 'watch branches pass and fail, in a throw-away directory',
    simulate: 'live through crashes and faults, by seed',
  },
};
