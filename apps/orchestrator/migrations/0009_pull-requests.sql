ALTER TABLE `pull_requests` ADD `asked_how` text;--> statement-breakpoint
ALTER TABLE `pull_requests` ADD `commands_json` text;--> statement-breakpoint
ALTER TABLE `pull_requests` ADD `note` text;--> statement-breakpoint
ALTER TABLE `pull_requests` ADD `told_hash` text;--> statement-breakpoint
ALTER TABLE `pull_requests` ADD `told_at` integer;--> statement-breakpoint
CREATE INDEX `gate_runs_check` ON `gate_runs` (`check_name`);