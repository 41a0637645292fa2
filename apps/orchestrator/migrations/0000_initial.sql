CREATE TABLE `artefacts` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`task_id` text NOT NULL,
	`stage` text NOT NULL,
	`attempt` integer NOT NULL,
	`job_id` integer,
	`job_token` integer,
	`name` text NOT NULL,
	`path` text NOT NULL,
	`digest` text NOT NULL,
	`code_tree` text,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `artefacts_task` ON `artefacts` (`task_id`,`name`);--> statement-breakpoint
CREATE TABLE `breakers` (
	`repo_id` text NOT NULL,
	`cause` text NOT NULL,
	`host` text NOT NULL,
	`state` text NOT NULL,
	`task_id` text,
	`since` integer NOT NULL,
	PRIMARY KEY(`repo_id`, `cause`, `host`),
	FOREIGN KEY (`repo_id`) REFERENCES `repos`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `command_runs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`repo_id` text NOT NULL,
	`task_id` text,
	`job_id` integer,
	`purpose` text NOT NULL,
	`commit_sha` text NOT NULL,
	`tree` text,
	`command` text NOT NULL,
	`started_at` integer NOT NULL,
	`duration_ms` integer NOT NULL,
	`outcome` text NOT NULL,
	`reason` text NOT NULL,
	`exit_code` integer,
	`tests_json` text,
	`level` text,
	`leftovers` integer DEFAULT 0 NOT NULL,
	`log_path` text,
	FOREIGN KEY (`repo_id`) REFERENCES `repos`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `command_runs_task` ON `command_runs` (`task_id`);--> statement-breakpoint
CREATE INDEX `command_runs_repo` ON `command_runs` (`repo_id`,`started_at`);--> statement-breakpoint
CREATE TABLE `coverage_baseline` (
	`repo_id` text NOT NULL,
	`branch` text NOT NULL,
	`metric` text NOT NULL,
	`command_hash` text NOT NULL,
	`seq` integer NOT NULL,
	`mark_covered` integer NOT NULL,
	`mark_total` integer NOT NULL,
	`mark_commit` text NOT NULL,
	`ref_uncovered` integer NOT NULL,
	`ref_total` integer NOT NULL,
	`last_covered` integer NOT NULL,
	`last_total` integer NOT NULL,
	`last_tree` text NOT NULL,
	`last_commit` text NOT NULL,
	`files_json` text NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`repo_id`, `branch`, `metric`, `command_hash`),
	FOREIGN KEY (`repo_id`) REFERENCES `repos`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `coverage_history` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`repo_id` text NOT NULL,
	`branch` text NOT NULL,
	`metric` text NOT NULL,
	`command_hash` text NOT NULL,
	`seq` integer NOT NULL,
	`covered` integer NOT NULL,
	`total` integer NOT NULL,
	`commit_sha` text NOT NULL,
	`actor` text NOT NULL,
	`reason` text NOT NULL,
	`at` integer NOT NULL,
	FOREIGN KEY (`repo_id`) REFERENCES `repos`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `coverage_history_repo` ON `coverage_history` (`repo_id`,`branch`);--> statement-breakpoint
CREATE TABLE `events` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`repo_id` text,
	`task_id` text,
	`kind` text NOT NULL,
	`body_json` text NOT NULL,
	`actor` text NOT NULL,
	`at` integer NOT NULL,
	FOREIGN KEY (`repo_id`) REFERENCES `repos`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `events_task` ON `events` (`task_id`,`seq`);--> statement-breakpoint
CREATE TABLE `gate_runs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`task_id` text NOT NULL,
	`job_id` integer,
	`check_name` text NOT NULL,
	`base_sha` text,
	`head_sha` text,
	`tested_sha` text,
	`tree` text,
	`status` text NOT NULL,
	`cause` text,
	`reason` text NOT NULL,
	`findings_json` text NOT NULL,
	`warnings_json` text NOT NULL,
	`artefact` text,
	`duration_ms` integer NOT NULL,
	`gate_digest` text,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `gate_runs_task` ON `gate_runs` (`task_id`,`check_name`);--> statement-breakpoint
CREATE TABLE `inbox` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`source` text NOT NULL,
	`dedupe_key` text NOT NULL,
	`body_hash` text NOT NULL,
	`body` text NOT NULL,
	`received_at` integer NOT NULL,
	`processed_at` integer,
	`error` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `inbox_dedupe` ON `inbox` (`source`,`dedupe_key`);--> statement-breakpoint
CREATE INDEX `inbox_pending` ON `inbox` (`id`) WHERE processed_at IS NULL;--> statement-breakpoint
CREATE TABLE `jobs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`repo_id` text NOT NULL,
	`task_id` text,
	`kind` text NOT NULL,
	`stage` text,
	`step` text NOT NULL,
	`payload_json` text NOT NULL,
	`state` text NOT NULL,
	`token` integer DEFAULT 0 NOT NULL,
	`worker_id` text,
	`lease_until` integer,
	`heartbeat_at` integer,
	`progress_at` integer,
	`available_at` integer NOT NULL,
	`priority` integer DEFAULT 0 NOT NULL,
	`sort_key` integer NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL,
	`finished_at` integer,
	FOREIGN KEY (`repo_id`) REFERENCES `repos`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `jobs_ready` ON `jobs` (`kind`,`sort_key`,`id`) WHERE state = 'ready';--> statement-breakpoint
CREATE INDEX `jobs_leased` ON `jobs` (`kind`,`lease_until`) WHERE state = 'leased';--> statement-breakpoint
CREATE UNIQUE INDEX `jobs_live` ON `jobs` (`task_id`,`stage`,`kind`) WHERE state IN ('ready', 'leased');--> statement-breakpoint
CREATE UNIQUE INDEX `jobs_live_probe` ON `jobs` (`repo_id`,`step`) WHERE state IN ('ready', 'leased') AND task_id IS NULL;--> statement-breakpoint
CREATE INDEX `jobs_task` ON `jobs` (`task_id`);--> statement-breakpoint
CREATE TABLE `leases` (
	`repo_id` text PRIMARY KEY NOT NULL,
	`holder` text NOT NULL,
	`attempt` integer NOT NULL,
	`token` integer NOT NULL,
	`acquired_at` integer NOT NULL,
	`renewed_at` integer NOT NULL,
	`released_at` integer,
	FOREIGN KEY (`repo_id`) REFERENCES `repos`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `outbox` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`kind` text NOT NULL,
	`task_id` text,
	`dedupe_key` text NOT NULL,
	`payload_json` text NOT NULL,
	`state` text NOT NULL,
	`token` integer DEFAULT 0 NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`available_at` integer NOT NULL,
	`lease_until` integer,
	`sent_at` integer,
	`last_error` text,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `outbox_dedupe` ON `outbox` (`dedupe_key`);--> statement-breakpoint
CREATE INDEX `outbox_pending` ON `outbox` (`available_at`) WHERE state = 'pending';--> statement-breakpoint
CREATE TABLE `repos` (
	`id` text PRIMARY KEY NOT NULL,
	`url` text NOT NULL,
	`forge` text NOT NULL,
	`main` text NOT NULL,
	`profile` text NOT NULL,
	`policy_path` text,
	`frozen_reason` text,
	`paused` integer DEFAULT false NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `results` (
	`tree` text NOT NULL,
	`gate_digest` text NOT NULL,
	`env_digest` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`tree`, `gate_digest`, `env_digest`)
);
--> statement-breakpoint
CREATE INDEX `results_at` ON `results` (`at`);--> statement-breakpoint
CREATE TABLE `task_deps` (
	`task_id` text NOT NULL,
	`depends_on` text NOT NULL,
	PRIMARY KEY(`task_id`, `depends_on`),
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`depends_on`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `task_deps_on` ON `task_deps` (`depends_on`);--> statement-breakpoint
CREATE TABLE `tasks` (
	`id` text PRIMARY KEY NOT NULL,
	`repo_id` text NOT NULL,
	`profile` text NOT NULL,
	`branch` text NOT NULL,
	`key` text NOT NULL,
	`plane_issue_id` text,
	`tracker_updated_at` integer,
	`title` text NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`priority` integer DEFAULT 0 NOT NULL,
	`generation` integer NOT NULL,
	`stage` text NOT NULL,
	`status` text NOT NULL,
	`state_json` text NOT NULL,
	`version` integer NOT NULL,
	`timer_due_at` integer,
	`base_sha` text,
	`head_sha` text,
	`tested_sha` text,
	`tested_tree` text,
	`landed_sha` text,
	`critical_token` integer,
	`cancel_requested_at` integer,
	`cancel_reason` text,
	`cancelled_at` integer,
	`started_at` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`repo_id`) REFERENCES `repos`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tasks_live_branch` ON `tasks` (`repo_id`,`branch`) WHERE stage NOT IN ('done', 'cancelled');--> statement-breakpoint
CREATE UNIQUE INDEX `tasks_live_issue` ON `tasks` (`repo_id`,`plane_issue_id`) WHERE stage NOT IN ('done', 'cancelled') AND plane_issue_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `tasks_live` ON `tasks` (`repo_id`,`started_at`) WHERE stage NOT IN ('done', 'cancelled');--> statement-breakpoint
CREATE INDEX `tasks_timer` ON `tasks` (`timer_due_at`) WHERE timer_due_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `tasks_created` ON `tasks` (`created_at`);--> statement-breakpoint
CREATE TABLE `tickets` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`repo_id` text NOT NULL,
	`task_id` text NOT NULL,
	`taken_at` integer NOT NULL,
	`woken_at` integer,
	FOREIGN KEY (`repo_id`) REFERENCES `repos`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tickets_task` ON `tickets` (`task_id`);--> statement-breakpoint
CREATE INDEX `tickets_line` ON `tickets` (`repo_id`,`id`);--> statement-breakpoint
CREATE TABLE `workers` (
	`id` text PRIMARY KEY NOT NULL,
	`host` text NOT NULL,
	`pid` integer NOT NULL,
	`version` text NOT NULL,
	`started_at` integer NOT NULL,
	`heartbeat_at` integer NOT NULL
);
