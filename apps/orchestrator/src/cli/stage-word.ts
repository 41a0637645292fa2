/** Where a task is, as people say it; `--json` has the name of its stage. */

/** A plain queue has no other stage between its beginning and its end. */
const OF_A_QUEUE: Readonly<Record<string, string>> = { 'deploy-staging': 'gates', deploy: 'landing' };

export const stageWord = ({ profile, stage }: { readonly profile: string; readonly stage: string }): string =>
  profile === 'gates-only' ? (OF_A_QUEUE[stage] ?? stage) : stage;
