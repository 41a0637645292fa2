import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CI_SYSTEMS, type CiName, detectCi } from '../src/cli/ci-environment.ts';
import { CI_RUNS, MAIN_SHA, PULL_SHA, TOPIC_SHA } from './ci-runs.ts';

describe('what a CI system says', () => {
  test.each(CI_RUNS)('$title', ({ env, payload, says }) => {
    expect(detectCi(env, payload === undefined ? null : JSON.stringify(payload))).toMatchObject(says);
  });

  test('is nothing in the environment of a person, whatever half of CI stands in it', () => {
    for (const env of [{}, { CI: 'true' }, { CI: 'true', GITHUB_SHA: MAIN_SHA }, { GITHUB_ACTIONS: '1' }])
      expect(detectCi(env, null)).toEqual({ kind: 'none' });
  });

  test('is unclear where two systems speak at once', () => {
    const env = Object.assign(
      {},
      ...CI_RUNS.filter(({ title }) => /^(gitlab|github).*request/.test(title)).map((run) => run.env),
    );
    expect(detectCi(env, null)).toMatchObject({
      kind: 'unclear',
      reason: expect.stringContaining('github and gitlab'),
    });
  });

  test('names no branch and no commit that git would read as something else', () => {
    const [github] = CI_RUNS;
    const env = { ...github?.env, GITHUB_BASE_REF: '--upload-pack=x' };
    expect(detectCi(env, JSON.stringify(github?.payload))).toMatchObject({ kind: 'unclear' });
    const payload = JSON.stringify({ pull_request: { head: { sha: 'HEAD' } } });
    expect(detectCi(github?.env ?? {}, payload)).toMatchObject({ kind: 'unclear' });
  });

  test('of which any variable is lost or bent, it never becomes another base', () => {
    const bent = fc.option(fc.oneof(fc.constant(''), fc.constant('x y'), fc.string()), { nil: undefined });
    let unclear = 0;
    for (const { env, payload, says } of CI_RUNS) {
      if (says.kind !== 'claim') continue;
      const names = Object.keys(env).filter(
        (name) => !/EVENT_NAME|PIPELINE_SOURCE|PIPELINE_EVENT|PULL_REQUEST$/.test(name),
      );
      fc.assert(
        fc.property(fc.constantFrom(...names), bent, (name, value) => {
          const answer = detectCi({ ...env, [name]: value }, payload === undefined ? null : JSON.stringify(payload));
          if (answer.kind !== 'claim') unclear += 1;
          else if (answer.base.from !== name) expect(answer.base.at).toBe(says.base?.at);
        }),
        { numRuns: 60 },
      );
    }
    expect(unclear).toBeGreaterThan(100);
  });

  test('is documented by its system, and each has rows here', () => {
    for (const name of Object.keys(CI_SYSTEMS) as CiName[]) {
      expect(CI_SYSTEMS[name].source).toMatch(/^https:/);
      expect(CI_RUNS.some(({ says }) => says.kind === 'claim' && says.system === name)).toBe(true);
    }
    expect(new Set([MAIN_SHA, TOPIC_SHA, PULL_SHA]).size).toBe(3);
  });
});
