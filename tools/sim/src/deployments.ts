/** What is deployed: one command at a time to each stage, and to production never an older commit behind a newer one. */
import type { Owner } from './clock.ts';
import type { CommitHistory } from './history.ts';

interface Deployment {
  readonly owner: Owner;
  readonly stage: string;
  readonly commit: string;
}

export interface Deployments {
  begin(deployment: Deployment): void;
  end(deployment: Deployment): void;
  /** Production runs it now. */
  live(deployment: Deployment): void;
}

/** Only what one process does is judged: what another one left behind when it died or froze is nobody's order. */
export function createDeployments(history: CommitHistory, onFault: (text: string) => void): Deployments {
  let underWay: readonly Deployment[] = [];
  let last: Deployment | null = null;
  return {
    begin(deployment) {
      const { owner, stage } = deployment;
      const other = underWay.find((one) => one.owner === owner && one.stage === stage);
      if (other !== undefined) onFault(`${stage} of ${deployment.commit} began while that of ${other.commit} went on`);
      underWay = [...underWay, deployment];
    },
    end(deployment) {
      underWay = underWay.filter((one) => one !== deployment);
    },
    live(deployment) {
      const { owner, commit } = deployment;
      const isOlder = last !== null && last.commit !== commit && history.contains(last.commit, commit);
      if (isOlder && last?.owner === owner) onFault(`${commit} went live behind ${last.commit}, which contains it`);
      last = deployment;
    },
  };
}
