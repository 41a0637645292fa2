/** The environment of this process, for whoever has to look something up in it. What children may inherit is decided elsewhere. */
import type { Environment } from './environment.ts';

export const processEnvironment = (): Environment => process.env;
