/** `check_image_freshness`: staging ran the very commit that may land. Not configured: skip, and say so. */
import { type CommitRun, type EndedCommand, type FreshSlot, runOnCommit, type StandingSlot } from '@gatehouse/gate-run';
import { outputText } from '@gatehouse/proc-group';
import { type CheckVerdict, describeCrash } from '@gatehouse/verdict';
import { maskText } from '../platform/mask-text.ts';
import { maskedEnd } from '../platform/masked-ends.ts';
import { runLimits } from '../policy/run-limits.ts';
import type { CheckContext } from './port.ts';
import { defer, error, pass, skip } from './verdicts.ts';

/** The exit status by which a freshness command says "staging runs another commit". */
const STALE = 10;
/** Shown of each stream. */
const SAID_CHARS = 300;

export async function checkImageFreshness(context: CheckContext): Promise<CheckVerdict> {
  const { git, workspace, policy, subject } = context;
  const { freshness, staging } = policy.deploy;
  const sha = subject.tested ?? subject.head;
  const isOther = staging !== '' && sha !== subject.head;
  const other = isOther ? `; staging ran ${short(subject.head)}, and ${short(sha)} is what lands` : '';
  if (freshness === '') return skip(`no deploy.freshness command is configured${other}`);
  const stands: StandingSlot = { kind: 'stands', dir: workspace.slotDir, tree: null };
  const fresh: FreshSlot = { kind: 'check-out', git, dir: workspace.slotDir };
  const first = await ask(context, { purpose: 'freshness', command: freshness, sha, slot: fresh });
  if (exitedWith(first, 0)) return pass(`staging is fresh: it runs ${short(sha)}; ${await saidBy(first)}`);
  if (!exitedWith(first, STALE)) return commandVerdict('deploy.freshness', first, sha);
  const stale = `staging is stale: it does not run ${short(sha)}`;
  if (staging === '')
    return error('tool-failed', `${stale}, and no deploy.staging command is configured; ${await saidBy(first)}`);
  const slot = first.kind === 'ran' ? { ...stands, tree: first.tree } : stands;
  const staged = await ask(context, { purpose: 'staging', command: staging, sha, slot });
  if (!exitedWith(staged, 0)) return commandVerdict(`${stale}, deploy.staging was run again and`, staged, sha);
  const second = await ask(context, { purpose: 'freshness-again', command: freshness, sha, slot });
  const again = 'deploy.staging was run again';
  if (exitedWith(second, 0))
    return pass(`staging is fresh: it was stale, ${again}, and it runs ${short(sha)}; ${await saidBy(second)}`);
  if (!exitedWith(second, STALE)) return commandVerdict(`${again}, and then deploy.freshness`, second, sha);
  return defer('infra', `${stale}, although ${again}; ${await saidBy(second)}`);
}

const short = (sha: string): string => sha.slice(0, 12);

interface AskRequest {
  readonly purpose: string;
  readonly command: string;
  readonly sha: string;
  readonly slot: FreshSlot | StandingSlot;
}

function ask(
  { workspace, policy, settings, ports, signal }: CheckContext,
  { purpose, command, sha, slot }: AskRequest,
): Promise<CommitRun> {
  return runOnCommit({
    purpose,
    commit: sha,
    slot,
    command,
    timeoutMs: settings.merge.retestTimeoutMs,
    limits: runLimits(settings, policy, 'deploy'),
    env: {
      allow: ['PATH', 'LANG', ...(policy.test?.env ?? [])],
      set: { GATEHOUSE_TESTED_SHA: sha, ...(purpose === 'staging' ? { GATEHOUSE_STAGE: 'deploy-staging' } : {}) },
    },
    log: { dir: workspace.logDir, name: purpose },
    judge: ({ ended }) => (isExit(ended, STALE) ? { reason: `exit ${STALE}: staging runs another commit` } : {}),
    mask: maskText,
    onRun: ports.record,
    signal,
  });
}

const isExit = (ended: EndedCommand['ended'], code: number): boolean => ended.kind === 'exited' && ended.code === code;

const exitedWith = (answer: CommitRun, code: number): boolean => answer.kind === 'ran' && isExit(answer.ended, code);

/** The ends of both streams, on one line: which of them a command speaks on is its own affair. */
async function saidBy(answer: CommitRun): Promise<string> {
  if (answer.kind !== 'ran') return 'it printed nothing';
  const { stdout, stderr } = answer.ended;
  const ends = await Promise.all([stdout, stderr].map((stream) => maskedEnd(outputText(stream).trim(), SAID_CHARS)));
  const said = ends.flatMap((text) => (text === '' ? [] : [text.replace(/\s+/g, ' ')]));
  return said.length === 0 ? 'it printed nothing' : `it said: ${said.join(' | ')}`;
}

async function commandVerdict(command: string, answer: CommitRun, sha: string): Promise<CheckVerdict> {
  switch (answer.kind) {
    case 'ran': {
      const { ended } = answer;
      const how = ended.kind === 'exited' ? `exit ${ended.code}` : ended.kind;
      return defer('infra', `${command} ended with ${how} for ${short(sha)}; ${await saidBy(answer)}`);
    }
    case 'checkout-failed':
      return defer('infra', `the slot for the ${command} command is not ready: ${answer.reason}`);
    case 'setup-failed':
    case 'no-logs':
      return defer('infra', `${command} was not run: ${answer.kind === 'no-logs' ? answer.reason : answer.run.reason}`);
    case 'refused':
      return error('tool-failed', `${command} was not run: ${answer.reason}`);
    case 'unsupervised':
      return error('crashed', describeCrash(answer.crash));
    case 'crashed':
      return error('crashed', describeCrash(answer));
  }
}
