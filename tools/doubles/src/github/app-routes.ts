/** Who asks, and what an App may mint. */
import { randomUUID } from 'node:crypto';
import { type Api, NOT_FOUND, ok, refuse } from './api.ts';
import { isAppItself } from './bearers.ts';
import { appShape, userShape } from './shapes.ts';
import { fullName } from './state.ts';

const HOUR_MS = 3_600_000;

export function addAppRoutes(api: Api): void {
  api.on('GET', '/user', ({ bearer, world }) => {
    if (bearer.app !== null) return refuse(403, 'Resource not accessible by integration');
    const zeros = { followers: 0, following: 0, public_gists: 0, public_repos: 0 };
    const empty = { name: null, company: null, blog: null, location: null, email: null, hireable: null, bio: null };
    const at = { created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' };
    return ok({ ...userShape(bearer.account, world.roots), ...zeros, ...empty, ...at });
  });
  api.on('GET', '/app', ({ bearer, world }) =>
    bearer.app !== null && isAppItself(bearer)
      ? ok(appShape(bearer.app, world.roots))
      : refuse(401, 'A JSON web token could not be decoded'),
  );
  api.on('POST', '/app/installations/:id/access_tokens', ({ bearer, params, world: { state } }) => {
    const { app } = bearer;
    if (app === null || !isAppItself(bearer)) return refuse(401, 'A JSON web token could not be decoded');
    if (String(app.installation) !== params['id']) return NOT_FOUND;
    const token = `ghs_${randomUUID().replaceAll('-', '')}`;
    const expiresAtMs = state.nowMs() + HOUR_MS;
    state.bearers.set(token, { account: bearer.account, scopes: null, app, expiresAtMs });
    const expiresAt = new Date(expiresAtMs).toISOString();
    return ok({ token, expires_at: expiresAt, permissions: app.permissions, repository_selection: 'selected' }, 201);
  });
  api.onRepository('GET', '/installation', ({ bearer, repository, world }) => {
    const { app } = bearer;
    if (app === null || !isAppItself(bearer)) return refuse(401, 'A JSON web token could not be decoded');
    const at = `${world.roots.api}/app/installations/${app.installation}`;
    return ok({
      id: app.installation,
      app_id: app.id,
      app_slug: app.slug,
      account: userShape(repository.owner, world.roots),
      target_id: repository.owner.id,
      target_type: repository.owner.type,
      repository_selection: 'selected',
      access_tokens_url: `${at}/access_tokens`,
      repositories_url: at,
      html_url: `${world.roots.web}/${fullName(repository)}`,
      permissions: app.permissions,
      events: [],
      single_file_name: null,
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-01T00:00:00Z',
      suspended_at: null,
      suspended_by: null,
    });
  });
}
