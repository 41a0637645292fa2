import { storeContract } from './store/store.contract.ts';
import { tempStore } from './store/temp-store.ts';

storeContract('embedded SQLite', tempStore);
