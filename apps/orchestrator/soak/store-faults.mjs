// Plays the whole table of what can happen to the store's file, at every moment of a service's life: fault x moment.
//   node soak/store-faults.mjs [--help] [WORDS OF A ROW...]      for example: node soak/store-faults.mjs landing damaged
// Needs Linux; rows that need the right to mount or a loop device say so when they are left out. Twenty minutes on two busy cores.
// There is nothing random in it, so it takes no seed. Ends with the status of the test run: each row proves that its fault
// struck, that people were told within a minute, that nothing acknowledged is missing unnamed, and that the task ends once.
import { playTable } from './play-table.mjs';

playTable({ script: import.meta.url, tests: 'test/store-faults.test.ts', variable: 'STORE_FAULTS' });
