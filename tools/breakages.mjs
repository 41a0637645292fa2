/**
 * What break-gates.mjs breaks: built files, the exact text to replace (it must stand there once), and what the audit
 * must say then. A text that a rebuild changed fails a test of tools/sim.
 */
const inPackage = (name, file, text, by) => ({ file: `packages/${name}/dist/${file}`, text, by });
const inService = (file, text, by) => ({ file: `apps/orchestrator/dist/${file}`, text, by });

const LANDS_THE_HEAD = inService(
  'worker/jobs/landing.js',
  'commit: tested,\n        members: members.map',
  'commit: members[0].headSha,\n        members: members.map',
);
const BELIEVES_THE_FORGE = inPackage(
  'merge-gate',
  'landing-proof.js',
  'switch (proof.kind)',
  "if (reported === 'landed') return { kind: reported, main: '' };\n    switch (proof.kind)",
);
const WRITES_NO_REPORT = [
  inPackage(
    'artefact',
    'write.js',
    'await placeFile({ dir, name, bytes: document.bytes, mode })',
    "{ kind: 'placed' }",
  ),
  inPackage('artefact', 'write.js', "back.kind === 'bytes' && Buffer.from(document.bytes).equals(back.bytes)", 'true'),
];

/** `patches` or `env` break it; `reported` is the breach that the audit must report. */
export const BREAKAGES = [
  {
    name: 'the secret scan finds nothing',
    patches: [inPackage('security-gate', 'scan.js', '...found,', '...found,\n        findings: [], introduced: 0,')],
    reported: /^leaked secret: landed, but must not/,
  },
  {
    name: 'the dependency audit introduces nothing',
    patches: [inPackage('security-gate', 'audit.js', "'audited', ...sorted,", "'audited', ...sorted, introduced: [],")],
    reported: /^vulnerable dependency: landed, but must not/,
  },
  {
    name: 'a red run counts as green',
    patches: [inPackage('gate-run', 'endings.js', "failed: { outcome: 'red'", "failed: { outcome: 'green'")],
    // It does not land all the same: the command that measures coverage is red, too.
    reported: /^red: expected a finding red-test/,
  },
  {
    name: 'a timeout counts as a red run',
    patches: [inPackage('gate-run', 'endings.js', "'timed-out': { outcome: 'infra'", "'timed-out': { outcome: 'red'")],
    reported: /^hang with orphans: check_branch_mergeable answered fail/,
  },
  {
    name: 'no branch is caught up with main',
    patches: [
      inPackage('merge-gate', 'catch-up.js', 'return bringUp(', "return { kind: 'current', tested: head } ?? ("),
    ],
    reported: /^good but behind main: should have landed/,
  },
  {
    name: 'the branch alone is tested, the combination lands',
    patches: [inPackage('merge-gate', 'find-green.js', 'commit: candidate.tested,', 'commit: request.head,')],
    // Neither lands: a green run of another commit is no run of the one that would.
    reported: /^exactly one branch of the pair "amount format" may land; 0 did/,
  },
  {
    name: 'a conflict is settled in favour of the branch',
    patches: [inPackage('git', 'rebase.js', "'--empty=drop',", "'--empty=drop', '--strategy-option=theirs',")],
    reported: /^conflict: landed, but must not/,
  },
  {
    name: 'coverage never erodes',
    patches: [inPackage('coverage-gate', 'baseline-rule.js', 'eroded: over && more', 'eroded: false')],
    reported: /^coverage drop: landed, but must not/,
  },
  {
    name: 'only the process group is ended',
    patches: [inPackage('proc-group', 'choose.js', "if (request.containment === 'group')", 'if (true)')],
    reported: /^\d+ processes survive/,
  },
  {
    name: 'a failing verdict opens',
    patches: [
      inService(
        'worker/jobs/check.js',
        'const reported = { status,',
        "const reported = { status: status === 'fail' ? 'pass' : status,",
      ),
    ],
    reported: /^vulnerable dependency: landed, but must not/,
  },
  {
    name: 'the branch head lands instead of the tested commit',
    patches: [LANDS_THE_HEAD],
    reported: /^good but behind main: should have landed/,
  },
  {
    name: 'the branch head is forced onto main and nobody looks again',
    patches: [
      LANDS_THE_HEAD,
      BELIEVES_THE_FORGE,
      inPackage('git', 'fast-forward.js', "if (ancestry.kind === 'no')", 'if (false)'),
    ],
    reported: /^main moved from \w+ to \w+, which is not forward/,
  },
  {
    name: 'a landing is claimed and main stays',
    patches: [
      BELIEVES_THE_FORGE,
      inService('forges/local.js', 'const moved = await fastForward(', "const moved = { kind: 'moved' } ?? ("),
    ],
    reported: /^good: should have landed/,
  },
  {
    name: 'no report is written',
    patches: WRITES_NO_REPORT,
    reported: /^leaked secret: check_security_gate answered error/,
  },
  {
    name: 'no report is written and the security gate does not read back',
    patches: [
      ...WRITES_NO_REPORT,
      inPackage(
        'security-gate',
        'check-branch-security.js',
        "await neverRaise('security-gate.readSecurityVerdict', readReport)({ dir, expect })",
        "{ kind: 'verdict', check: verdict.check }",
      ),
    ],
    reported: /^leaked secret: there is no security report/,
  },
  {
    name: 'no coverage report is written',
    patches: [
      inPackage(
        'coverage-gate',
        'write-report.js',
        'return writeArtefact(',
        "return { kind: 'written', path: dir, digest: '' } ?? (",
      ),
    ],
    reported: /^coverage drop: there is no coverage report/,
  },
  { name: 'the security gate is off', env: { ORCH_SECURITY_GATE_ENABLED: 'false' }, reported: /^leaked secret: / },
  { name: 'the merge gate is off', env: { ORCH_MERGE_GATE_ENABLED: 'false' }, reported: /^red: / },
  {
    name: 'the coverage gate is off',
    env: { ORCH_COVERAGE_ENABLED: 'false' },
    reported: /^coverage drop: landed, but must not/,
  },
  {
    name: 'a timeout is blamed (switch)',
    env: { ORCH_MERGE_INFRA_RETRY_ENABLED: 'false' },
    reported: /^hang with orphans: /,
  },
  {
    name: 'leftovers are not looked for (switch)',
    env: { ORCH_SUBPROCESS_TREE_KILL_ENABLED: 'false' },
    reported: /processes survive/,
  },
  {
    name: 'agents: a report from before the work counts',
    patches: [
      inService('agents/runner.js', 'const uncleared = await removeOldReport(order)', 'const uncleared = null'),
      inService('agents/collect-report.js', 'if (isOld &&', 'if (false &&'),
    ],
    // It opens nothing all the same: it names another attempt and another commit, or none.
    reported: /^approves itself: is blocked for another reason/,
  },
  {
    name: 'agents: any value of a report opens',
    patches: [inService('checks/report-check.js', 'if (said === rule.opens)', "if (said !== '')")],
    reported: /^rejected once: landed, but 12-review\.md does not say APPROVED/,
  },
  {
    name: 'agents: nobody is asked to approve',
    patches: [
      inPackage('stage-engine', 'moves.js', "CHECKS[step].askedOf === 'person';", 'false;'),
      inService(
        'checks/report-check.js',
        "personAnswers = async () => error('tool-failed', ",
        'personAnswers = async () => pass(',
      ),
    ],
    reported: /^every stage: nobody approved its analysis/,
  },
  {
    name: 'agents: a developer does not learn what to mend',
    patches: [inPackage('stage-engine', 'moves.js', '? { brief: state.brief }', '? {}')],
    reported: /^rejected once: its developer was not told why it came back/,
  },
  {
    name: 'agents: a reviewer changes what it reviews',
    patches: [inService('agents/roles.js', 'reviewer: { pushes: false', 'reviewer: { pushes: true')],
    reported: /^rejected once: main holds reviewed\.txt/,
  },
  {
    name: 'agents: a branch instructs the agents that judge it',
    patches: [
      inService(
        'agents/runner.js',
        'const restored = pushes ? null : await restoreToolConfig(',
        "const restored = { kind: 'restored' } ?? (",
      ),
    ],
    reported: /^leaks, then mends it: should have landed/,
  },
  {
    name: 'agents: nobody waits for another task',
    patches: [inService('store/claim-rules.js', 'WHERE d.task_id = t.id AND', 'WHERE 0 AND')],
    reported: /^needs another task: /,
  },
  {
    name: 'agents: what was judged is deployed instead of what landed',
    patches: [inService('worker/jobs/agent.js', 'const start = task.state.landed ?', 'const start = false ?')],
    reported: /was deployed, but never landed|14-deploy-log\.md is about other code/,
  },
];
