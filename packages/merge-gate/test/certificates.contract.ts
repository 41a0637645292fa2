/** The law of a `CertificatePort`, for every implementation. */
import type { CertificateKey, CertificatePort } from '@gatehouse/merge-gate';
import { expect, test } from '@jest/globals';

const KEY: CertificateKey = { repo: 'repo-1', base: 'b', tree: 't', gateDigest: 'g', envDigest: 'e' };

/** `open` gives an empty memory that keeps at most 100 certificates of a repository. */
export function certificatesContract(open: () => CertificatePort | Promise<CertificatePort>): void {
  test('what was saved last is what is loaded, as JSON, and only under the very same question', async () => {
    const port = await open();
    expect(await port.load(KEY)).toBeNull();
    await port.save(KEY, { version: 1, common: ['ü', null] });
    await port.save(KEY, { version: 1, common: ['a'] });
    expect(await port.load(KEY)).toEqual({ version: 1, common: ['a'] });
    for (const field of ['base', 'tree', 'gateDigest', 'envDigest'] as const)
      expect(await port.load({ ...KEY, [field]: 'other' })).toBeNull();
  });

  test('null forgets, once and again', async () => {
    const port = await open();
    await port.save(KEY, { version: 1 });
    for (const _ of [1, 2]) {
      await port.save(KEY, null);
      expect(await port.load(KEY)).toBeNull();
    }
  });

  test('the oldest make room', async () => {
    const port = await open();
    for (let n = 0; n <= 100; n += 1) await port.save({ ...KEY, tree: `${n}` }, { n });
    expect(await port.load({ ...KEY, tree: '0' })).toBeNull();
    for (const n of [1, 100]) expect(await port.load({ ...KEY, tree: `${n}` })).toEqual({ n });
  });
}
