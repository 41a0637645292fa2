/** Reads the scripts of a commit's manifests, to see what a command such as `npm test` starts. */
import { readBlob } from '@gatehouse/git';
import { scriptsIn } from '../gate-definition/manifest.ts';
import type { MergeRequest } from '../request.ts';
import type { ScriptText } from './runner-call.ts';

const MAX_BYTES = 1_048_576;

/** What cannot be read is no script: the caller then does without. */
export function scriptTextAt(
  { git, gitTimeoutMs: timeoutMs }: Pick<MergeRequest, 'git' | 'gitTimeoutMs'>,
  commit: string,
  signal: AbortSignal,
): ScriptText {
  return async ({ dir, script }) => {
    const path = dir === '' ? 'package.json' : `${dir}/package.json`;
    const blob = await readBlob({ repo: git, commit, path, maxBytes: MAX_BYTES, timeoutMs, signal });
    if (blob.kind !== 'found') return null;
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(blob.bytes);
    return scriptsIn({ kind: 'text', text }).get(script) ?? null;
  };
}
