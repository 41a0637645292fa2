DROP INDEX `command_runs_repo`;--> statement-breakpoint
CREATE INDEX `command_runs_repo` ON `command_runs` (`repo_id`,`started_at`,`purpose`,`outcome`);--> statement-breakpoint
DROP INDEX `tasks_landed`;--> statement-breakpoint
ALTER TABLE `tasks` ADD `landed_at` integer;--> statement-breakpoint
UPDATE `tasks` SET `landed_at` = coalesce((SELECT min(e.at) FROM `events` e WHERE e.task_id = `tasks`.id AND e.kind = 'landing-answered' AND json_extract(e.body_json, '$.answer.kind') IN ('landed', 'merged-outside')), `updated_at`) WHERE `landed_sha` IS NOT NULL;--> statement-breakpoint
CREATE INDEX `tasks_queued` ON `tasks` (`repo_id`,`created_at`,`id`) WHERE stage NOT IN ('done', 'cancelled') AND status IN ('active', 'waiting') AND landed_sha IS NULL;--> statement-breakpoint
CREATE INDEX `tasks_people` ON `tasks` (`repo_id`,`updated_at`) WHERE stage NOT IN ('done', 'cancelled') AND (status = 'blocked' OR (status = 'waiting' AND timer_due_at IS NULL));--> statement-breakpoint
CREATE INDEX `tasks_landed` ON `tasks` (`repo_id`,`landed_at`,`created_at`) WHERE landed_at IS NOT NULL;