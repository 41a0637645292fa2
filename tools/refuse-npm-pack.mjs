/** `prepack` of every library: npm would pack `workspace:*` as it stands, and nobody could install the result. pnpm writes the versions. */
import { basename } from 'node:path';

if (!/^pnpm\//.test(process.env.npm_config_user_agent ?? '')) {
  const name = basename(process.cwd());
  console.error(`npm cannot pack ${name}: it leaves workspace:* in the manifest, which nobody can install.`);
  console.error(`In the root of the repository: node tools/pack-packages.mjs ${name}`);
  process.exit(1);
}
