import { defineConfig } from 'drizzle-kit';

/** `drizzle-kit generate --name what-changes` appends the next migration; applied ones are never edited. */
export default defineConfig({
  dialect: 'sqlite',
  schema: './src/schema/index.ts',
  out: './migrations',
  breakpoints: true,
});
