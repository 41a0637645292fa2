// Plays a whole life of pull requests at a double of a forge: all that people do with them, one after another, before the real
// service, and what they read at the end. Then it looks for the credentials that it planted wherever the service writes.
//   node soak/pull-request-lives.mjs --forge gitea|github [--help]
// There is nothing random in it, so it takes no seed. Three minutes a forge on two busy cores. Ends with the status of the tests:
// main has what landed once each, no branch is left, no pull request is open or closed that should not be, and no secret is found.
import { forgeAsked, playTests } from './play-table.mjs';

const { forge } = forgeAsked(import.meta.url);
playTests({ tests: `test/pull-requests.lives.${forge}.test.ts`, variables: { PULL_REQUEST_LIVES: 'all' } });
