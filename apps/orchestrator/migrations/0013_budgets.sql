CREATE TABLE `agent_runs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`task_id` text NOT NULL,
	`job_id` integer NOT NULL,
	`job_token` integer NOT NULL,
	`role` text NOT NULL,
	`stage` text NOT NULL,
	`reports_dir` text NOT NULL,
	`budget_json` text NOT NULL,
	`started_at` integer NOT NULL,
	`ended_at` integer,
	`tokens` integer,
	`cost_micros` integer,
	`refused` text,
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `agent_runs_task` ON `agent_runs` (`task_id`);--> statement-breakpoint
CREATE INDEX `agent_runs_open` ON `agent_runs` (`started_at`) WHERE ended_at IS NULL;--> statement-breakpoint
ALTER TABLE `tasks` ADD `budget_json` text;