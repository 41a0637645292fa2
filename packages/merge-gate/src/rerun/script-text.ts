/** Reads the scripts of a commit's manifests, to see what a command such as `npm test` starts. */
import { readBlob } from '@gatehouse/git';
import { parseJson } from '../adapters/json-text.ts';
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
    const manifest = parseJson(new TextDecoder().decode(blob.bytes));
    const scripts = isRecord(manifest) ? manifest['scripts'] : null;
    const text = isRecord(scripts) && Object.hasOwn(scripts, script) ? scripts[script] : null;
    return typeof text === 'string' ? text : null;
  };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
