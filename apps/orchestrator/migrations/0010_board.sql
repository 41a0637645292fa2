CREATE TABLE `sessions` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id_hash` text NOT NULL,
	`token_name` text NOT NULL,
	`scope` text NOT NULL,
	`token_digest` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_used_at` integer NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `sessions_id_hash` ON `sessions` (`id_hash`);--> statement-breakpoint
CREATE INDEX `sessions_expiry` ON `sessions` (`expires_at`);--> statement-breakpoint
CREATE INDEX `tasks_landed` ON `tasks` (`repo_id`,`updated_at`) WHERE stage = 'done' AND landed_sha IS NOT NULL;