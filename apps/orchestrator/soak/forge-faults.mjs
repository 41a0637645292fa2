// Plays the whole table of what can happen to a landing at a forge: every call x every fault, for each forge that has a double.
//   node soak/forge-faults.mjs [--help] [WORDS OF A NAME...]      for example: node soak/forge-faults.mjs gitea
// There is nothing random in it, so it takes no seed. Each row is a test. About five minutes a forge on two busy cores. Ends with the status of the
// test run: each row proves that its fault struck, that nothing was called landed that main lacks, and that asking again ends it.
import { playTable } from './play-table.mjs';

// The file of a forge none of whose rows is asked for would open a double for its table, and never end it.
const asked = ['gitea', 'github'].find((forge) => process.argv.includes(forge)) ?? '.*';
playTable({ script: import.meta.url, tests: `test/forge.${asked}.faults`, variable: 'FORGE_FAULTS' });
