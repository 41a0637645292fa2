/**
 * Asks this package about a repository and prints each answer as `<kind> <trouble> <what git said>`. Run as another
 * user.
 */
import {
  changedPaths,
  checkoutSlot,
  codeTree,
  isAncestor,
  mergeBase,
  readObjects,
  resolveCommit,
} from '@gatehouse/git';

const { gitDir, base, head, blob, slot } = JSON.parse(process.argv[2] ?? '');
const repo = { gitDir };
const answers = {
  commit: await resolveCommit({ repo, ref: head }),
  branch: await resolveCommit({ repo, ref: 'main' }),
  ancestor: await isAncestor({ repo, ancestor: base, of: head }),
  fork: await mergeBase({ repo, a: base, b: head }),
  changes: await changedPaths({ repo, base, head }),
  objects: await readObjects({ repo, oids: [blob], onObject: () => undefined }),
  'code tree': await codeTree({ repo, commit: head }),
  slot: await checkoutSlot({ repo, commit: head, dir: slot }),
};
const lines = Object.entries(answers).map(([question, answer]) => {
  const { trouble = '', stderr = '' } = answer.kind === 'git-failed' ? answer : {};
  return [question, `${answer.kind} ${trouble} ${stderr.split('\n')[0]}`];
});
process.stdout.write(JSON.stringify(Object.fromEntries(lines)));
