// Kills the service by SIGKILL at every kind of call that it makes to the outside, before the call is carried out and after, and
// starts it again: one comment, one status, one landing, one alert. The kinds are those of a clean life, so a new call has its rows.
//   node soak/kill-at-calls.mjs --forge gitea|github [--only TEXT] [--help]      for example: --forge gitea --only POST
// Plays the rows whose name holds the text. There is nothing random in it, so it takes no seed. A row that did not strike is wrong.
// Some ten minutes a forge on two busy cores: what a dead service had begun to tell is told again a minute later.
import { forgeAsked, playTests } from './play-table.mjs';

const { forge, only } = forgeAsked(import.meta.url);
playTests({
  tests: 'test/pull-requests.kills.test.ts',
  variables: { KILL_AT_CALLS: forge, KILL_AT_CALLS_ONLY: only },
});
