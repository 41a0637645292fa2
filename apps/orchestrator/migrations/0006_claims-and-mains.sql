DROP INDEX `jobs_ready`;--> statement-breakpoint
ALTER TABLE `jobs` ADD `held_by` text;--> statement-breakpoint
CREATE INDEX `jobs_free` ON `jobs` (`kind`,`sort_key`,`id`) WHERE state = 'ready' AND held_by IS NULL;--> statement-breakpoint
CREATE INDEX `jobs_held` ON `jobs` (`held_by`,`available_at`) WHERE state = 'ready' AND held_by IS NOT NULL;--> statement-breakpoint
CREATE INDEX `jobs_ready` ON `jobs` (`repo_id`,`kind`,`held_by`,`sort_key`,`id`) WHERE state = 'ready';--> statement-breakpoint
ALTER TABLE `repos` ADD `paused_reason` text;--> statement-breakpoint
ALTER TABLE `repos` ADD `main_sha` text;--> statement-breakpoint
CREATE INDEX `leases_held` ON `leases` (`holder`) WHERE released_at IS NULL;