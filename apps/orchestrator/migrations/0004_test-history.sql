CREATE TABLE `suite_runs` (
	`repo_id` text NOT NULL,
	`tree` text NOT NULL,
	`gate_digest` text NOT NULL,
	`env_digest` text NOT NULL,
	`complete_runs` integer NOT NULL,
	`tests_run` integer,
	`last_seen` integer NOT NULL,
	PRIMARY KEY(`repo_id`, `tree`, `gate_digest`, `env_digest`),
	FOREIGN KEY (`repo_id`) REFERENCES `repos`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `suite_runs_age` ON `suite_runs` (`repo_id`,`last_seen`);--> statement-breakpoint
CREATE TABLE `test_history` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`repo_id` text NOT NULL,
	`name` text NOT NULL,
	`tree` text NOT NULL,
	`gate_digest` text NOT NULL,
	`env_digest` text NOT NULL,
	`reds` integer NOT NULL,
	`greens` integer NOT NULL,
	`last_seen` integer NOT NULL,
	`proven_flaky_at` integer,
	FOREIGN KEY (`repo_id`) REFERENCES `repos`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `test_history_key` ON `test_history` (`repo_id`,`tree`,`gate_digest`,`env_digest`,`name`);--> statement-breakpoint
CREATE INDEX `test_history_flaky` ON `test_history` (`repo_id`,`name`) WHERE proven_flaky_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `test_history_unproven` ON `test_history` (`repo_id`,`last_seen`) WHERE proven_flaky_at IS NULL;