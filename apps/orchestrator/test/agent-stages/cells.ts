/**
 * Stage by fault, as data: what the agent of a stage does wrong there, where the task comes to rest, what a person reads, and what the
 * developer is told where the change is at fault. Code is shell in the agent's clone; $DESK is a folder of the test.
 */
export type Stage = 'analysis' | 'architecture' | 'development' | 'review' | 'testing' | 'deploy-staging' | 'deploy';
export type Fault =
  | 'no change'
  | 'malformed'
  | 'wrong value'
  | 'old attempt'
  | 'other stage'
  | 'symlink'
  | 'huge'
  | 'exits 1'
  | 'hangs'
  | 'killed'
  | 'stopped';

export const FAULTS: readonly Fault[] = [
  'no change',
  'malformed',
  'wrong value',
  'old attempt',
  'other stage',
  'symlink',
  'huge',
  'exits 1',
  'hangs',
  'killed',
  'stopped',
];

export interface Cell {
  readonly code: string;
  /** Where it comes to rest: its stage and status. */
  readonly rests: readonly [stage: string, status: string];
  /** In the reason of the task, which every view shows. */
  readonly says: RegExp;
  /** In the prompt of the next attempt; absent: nobody is asked again. */
  readonly brief?: RegExp;
}

interface Role {
  readonly agent: string;
  readonly check: string;
  readonly paper: string;
  readonly opens: string;
  readonly refuses: string;
  /** The report of another stage. */
  readonly other: string;
}

/** The stages that a report closes. */
export const REPORTS: { readonly [Name in Stage]?: Role } = {
  architecture: {
    agent: 'architect',
    check: 'check_architecture_done',
    paper: '06-architecture.md',
    opens: 'architecture_status: DONE',
    refuses: 'architecture_status: OPEN',
    other: '12-review.md',
  },
  review: {
    agent: 'reviewer',
    check: 'check_review_approved',
    paper: '12-review.md',
    opens: 'verdict: APPROVED',
    refuses: 'verdict: REJECTED',
    other: '13-test-report.md',
  },
  testing: {
    agent: 'tester',
    check: 'check_tests_passed',
    paper: '13-test-report.md',
    opens: 'result: PASS',
    refuses: 'result: FAIL',
    other: '12-review.md',
  },
  'deploy-staging': {
    agent: 'deployer',
    check: 'check_staging_status',
    paper: '15-staging-log.md',
    opens: 'staging_status: SUCCESS',
    refuses: 'staging_status: FAILED',
    other: '14-deploy-log.md',
  },
  deploy: {
    agent: 'deployer',
    check: 'check_deploy_status',
    paper: '14-deploy-log.md',
    opens: 'deploy_status: SUCCESS',
    refuses: 'deploy_status: FAILED',
    other: '15-staging-log.md',
  },
};

const HANG = ': > "$DESK/$GATEHOUSE_TASK_NAME.hangs"; sleep 600';
const KILL = 'kill -9 $$';
const REFUSAL = 'the list is not sorted';

/** What any agent can do wrong; after a landing a person reads the same words behind the fact that main has the change. */
function anywhere(stage: Stage, agent: string): { readonly [Name in Fault]?: Cell } {
  const rests = [stage, 'blocked'] as const;
  const gaveUp = (why: string): RegExp =>
    new RegExp(
      `^${stage === 'deploy' ? 'landed, not deployed' : 'attempts spent'}: ${agent} gave up after 1 times (?:tool-failed|infra): ${why}`,
    );
  return {
    'exits 1': { code: 'echo no idea; exit 1', rests, says: gaveUp('the agent ended with exit status 1: no idea') },
    hangs: { code: HANG, rests, says: gaveUp('the agent met its deadline') },
    killed: { code: KILL, rests, says: gaveUp('the agent was ended by SIGKILL') },
    // A deployment that runs is let finish; here it never does, and its deadline ends it.
    stopped:
      stage === 'deploy'
        ? { code: HANG, rests: ['cancelled', 'ended'], says: /^merged, deploy failed/ }
        : { code: HANG, rests: ['cancelled', 'ended'], says: /^stopped$/ },
  };
}

function reportCells(stage: Stage, role: Role): { readonly [Name in Fault]: Cell } {
  const { agent, check, paper, opens, refuses, other } = role;
  const rests = [stage, 'blocked'] as const;
  const landed = stage === 'deploy' ? 'landed, not deployed' : 'attempts spent';
  const gaveUp = (why: string): RegExp =>
    new RegExp(`^${landed}: ${agent} gave up after 1 times tool-failed: docs/work-items/[^ ]+/${why}`);
  const refused = `${check}: ${paper} says ${refuses}\\n- report/${refuses.split(':')[0]}: ${REFUSAL}`;
  const wrong: Cell =
    stage === 'deploy'
      ? {
          code: `paper '${refuses}' '${REFUSAL}'`,
          rests,
          says: new RegExp(`^landed, not deployed: ${check}: ${paper} says`),
        }
      : {
          code: `paper '${refuses}' '${REFUSAL}'`,
          rests,
          says: new RegExp(`^retries spent: ${check}: ${paper} says ${refuses}`),
          // An architect is asked again without a brief: what an architecture lacks no developer mends.
          ...(stage === 'architecture' ? {} : { brief: new RegExp(refused) }),
        };
  return {
    'no change': {
      code: ':',
      rests,
      says: new RegExp(
        `^${landed}: ${agent} gave up after 1 times tool-failed: the agent left no docs/work-items/[^ ]+/${paper}`,
      ),
    },
    malformed: { code: `text '${opens}'`, rests, says: gaveUp(`${paper} cannot be read: the first line is not ---`) },
    'wrong value': wrong,
    'old attempt': {
      code: `GATEHOUSE_ATTEMPT=0ddba11; paper '${opens}' fine`,
      rests,
      says: gaveUp(`${paper} names another attempt`),
    },
    'other stage': {
      code: `GATEHOUSE_ARTEFACT=\${GATEHOUSE_ARTEFACT%/*}/${other}; paper '${opens}' fine`,
      rests,
      says: new RegExp(
        `^${landed}: ${agent} gave up after 1 times tool-failed: the agent left no docs/work-items/[^ ]+/${paper}`,
      ),
    },
    symlink: {
      code: 'mkdir -p $PAPERS; ln -s /etc/hostname "$GATEHOUSE_ARTEFACT"',
      rests,
      says: gaveUp(`${paper} is not taken: it is a link`),
    },
    huge: {
      code: 'mkdir -p $PAPERS; head -c 3000000 /dev/zero > "$GATEHOUSE_ARTEFACT"',
      rests,
      says: gaveUp(`${paper} is not taken: it is larger than 1048576 bytes`),
    },
    ...(anywhere(stage, agent) as { readonly [Name in 'exits 1' | 'hangs' | 'killed' | 'stopped']: Cell }),
  };
}

const ASKED = { rests: ['analysis', 'waiting'], says: /^a person has to approve$/ } as const;
const noAnalysis = (why: string): Pick<Cell, 'rests' | 'says'> => ({
  rests: ['analysis', 'blocked'],
  says: new RegExp(`^attempts spent: analyst gave up after 1 times tool-failed: ${why}`),
});
const noWork = (why: string): Pick<Cell, 'rests' | 'says'> => ({
  rests: ['development', 'blocked'],
  says: new RegExp(`^attempts spent: developer gave up after 1 times tool-failed: ${why}`),
});
const REF = '.git/refs/heads/$GATEHOUSE_BRANCH';

/** An analysis is words: whatever is committed a person reads, and nothing else opens the stage. */
const ANALYSIS: { readonly [Name in Fault]: Cell } = {
  'no change': { code: ':', ...noAnalysis('the analyst wrote nothing') },
  malformed: { code: `echo 0 > "${REF}"`, ...noAnalysis('the branch in the clone names no commit') },
  'wrong value': { code: 'analysis "no idea what is wanted"', ...ASKED },
  'old attempt': { code: 'analysis words; git reset -q --hard HEAD~1', ...noAnalysis('the analyst wrote nothing') },
  'other stage': {
    code: 'GATEHOUSE_ARTEFACT=$PAPERS/06-architecture.md; paper "architecture_status: DONE" done; keep',
    ...ASKED,
  },
  symlink: { code: 'mkdir -p $PAPERS; ln -s /etc/hostname $PAPERS/01-analysis.md; keep', ...ASKED },
  huge: { code: 'mkdir -p $PAPERS; head -c 3000000 /dev/zero | tr "\\0" x > $PAPERS/01-analysis.md; keep', ...ASKED },
  ...(anywhere('analysis', 'analyst') as { readonly [Name in 'exits 1' | 'hangs' | 'killed' | 'stopped']: Cell }),
};

/** What a developer leaves is commits; a wrong one the checks send back. */
const DEVELOPMENT: { readonly [Name in Fault]: Cell } = {
  'no change': { code: ':', ...noWork('the developer changed no code: [^ ]+ has only papers against main') },
  malformed: { code: `echo 0 > "${REF}"`, ...noWork('the branch in the clone names no commit') },
  'wrong value': {
    code: 'echo $GATEHOUSE_TRY > broken; keep',
    rests: ['development', 'blocked'],
    says: /^retries spent: check_ci_green: `sh check\.sh` ended with status 1/,
    brief: /check_ci_green: `sh check\.sh` ended with status 1[\s\S]*the file broken is there/,
  },
  'old attempt': { code: 'work; git reset -q --hard HEAD~1', ...noWork('the developer changed no code') },
  'other stage': {
    code: 'GATEHOUSE_ARTEFACT=$PAPERS/12-review.md; paper "verdict: APPROVED" fine; keep',
    ...noWork('the developer changed no code: [^ ]+ has only papers against main \\(.*12-review\\.md'),
  },
  symlink: {
    code: `rm "${REF}"; ln -s /etc/hostname "${REF}"`,
    ...noWork('the branch in the clone cannot be read: it is a link'),
  },
  huge: {
    code: '{ echo $GATEHOUSE_TRY; head -c 2000000 /dev/zero | tr "\\0" x; } > large.txt; keep',
    rests: ['deploy-staging', 'blocked'],
    says: /^retries spent: check_security_gate: the change adds 0 secrets and 0 dependency problems, and 2 files that the policy keeps out/,
    brief: /entry\/large-file large\.txt: large\.txt has 1\.9 MiB, more than the policy allows/,
  },
  ...(anywhere('development', 'developer') as { readonly [Name in 'exits 1' | 'hangs' | 'killed' | 'stopped']: Cell }),
};

export const CELLS: { readonly [Name in Stage]: { readonly [Which in Fault]: Cell } } = {
  analysis: ANALYSIS,
  architecture: reportCells('architecture', REPORTS.architecture as Role),
  development: DEVELOPMENT,
  review: reportCells('review', REPORTS.review as Role),
  testing: reportCells('testing', REPORTS.testing as Role),
  'deploy-staging': reportCells('deploy-staging', REPORTS['deploy-staging'] as Role),
  deploy: reportCells('deploy', REPORTS.deploy as Role),
};
