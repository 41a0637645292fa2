/** The door of the doubles. */
export { type BareRepository, bareRepository } from './bare-repository.ts';
export { type Call, type FaultKind, Faults, type Fired, type PlannedFault } from './faults.ts';
export { type GitHost, gitHost } from './git-host.ts';
export { type Gitea, type GiteaOptions, startGitea } from './gitea/gitea.ts';
export {
  type CallSituation,
  type MergeSituation,
  type PushSituation,
  RECORDED_CALLS,
  RECORDED_MERGES,
  RECORDED_PUSHES,
  type RecordedAnswer,
} from './gitea/recorded-exchanges.ts';
export { RECORDED_WEBHOOKS, type RecordedWebhook, WEBHOOK_HEADERS } from './gitea/recorded-webhooks.ts';
export { type GithubDouble, type NewRepository, openGithubDouble } from './github/double.ts';
export type { Repository, Role } from './github/state.ts';
export { Plane, type PlaneComment, type PlaneDelivery, type PlaneItem, type PlaneState } from './plane.ts';
export { type Receivers, receivers, type TelegramMessage, type WebhookDelivered } from './receivers.ts';
export { type Answer, type Received, type Served, serve } from './serve.ts';
export { type SshHost, sshHost } from './ssh-host.ts';
export { type Webhook, type WebhookFault, WebhookSender } from './webhook-sender.ts';
