/** The forge of plain git, over git's own http-backend behind https on loopback. */
import { type GitHost, gitHost } from '@gatehouse/doubles';
import { afterEach } from '@jest/globals';
import { basicAuthorization } from '../src/forges/remote-of.ts';
import { forgeContract } from './forge.contract.ts';
import { trust, withCredential } from './remote-credential.ts';
import { describeWith } from './tool-tests.ts';

describeWith('openssl')('with a token', () => {
  const token = 'a-token-that-is-planted';
  const hosts: GitHost[] = [];
  afterEach(async () => {
    await Promise.all(hosts.splice(0).map((host) => host.close()));
  });
  forgeContract({
    name: "git, over https and git's own http-backend",
    open: async ({ path }) => {
      const host = await gitHost({ path, authorization: basicAuthorization(token) });
      hosts.push(host);
      trust(host.certificate);
      return withCredential(host.url, { token });
    },
    unreachable: async () => withCredential('https://127.0.0.1:1/team/work.git', { token }),
    isForPeople: false,
  });
});
