/** Which reports exist, and what each belongs to. */
import type { Stage } from '@gatehouse/stage-engine';

export interface Artefact {
  readonly id: number;
  readonly taskId: string;
  readonly stage: Stage;
  readonly attempt: number;
  readonly jobId: number | null;
  readonly jobToken: number | null;
  readonly name: string;
  readonly path: string;
  /** sha256, hex. */
  readonly digest: string;
  readonly codeTree: string | null;
  readonly createdAt: number;
}

export type NewArtefact = Omit<Artefact, 'id' | 'taskId' | 'jobId' | 'jobToken'>;

export interface ArtefactStore {
  /** The newest that matches. */
  findArtefact(filter: {
    taskId: string;
    name: string;
    stage?: Stage;
    attempt?: number;
    jobId?: number;
  }): Promise<Artefact | null>;
  listArtefacts(taskId: string): Promise<Artefact[]>;
}
