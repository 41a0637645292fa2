/** How readers learn that something is new without asking for everything again. */

export interface ChangeStore {
  /**
   * Differs from what it was as soon as anything is committed, by this process or another. It says nothing to another connection,
   * and nothing after a start.
   */
  changeNumber(): Promise<string>;
}

export interface CommitListeners {
  /**
   * Calls back after each commit of this connection, and perhaps after one that changed nothing; the answer ends it. What others
   * commit is seen by the change number alone. The listener is called inside the store: it only notes that it was.
   */
  onCommit(listener: () => void): () => void;
}
