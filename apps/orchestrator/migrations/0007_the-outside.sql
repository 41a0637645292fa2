CREATE TABLE `pull_requests` (
	`repo_id` text NOT NULL,
	`number` integer NOT NULL,
	`branch` text NOT NULL,
	`head` text NOT NULL,
	`asked_head` text,
	`asked_by` text,
	`asked_how` text,
	`task_id` text,
	`command_cursor` text,
	`commands_json` text,
	`note` text,
	`told_hash` text,
	`told_at` integer,
	`finished_at` integer,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`repo_id`, `number`),
	FOREIGN KEY (`repo_id`) REFERENCES `repos`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `tracker_issues` (
	`issue_id` text PRIMARY KEY NOT NULL,
	`repo_id` text NOT NULL,
	`wish` text NOT NULL,
	`updated_at` integer NOT NULL,
	`seen_at` integer NOT NULL,
	FOREIGN KEY (`repo_id`) REFERENCES `repos`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `tracker_issues_asking` ON `tracker_issues` (`seen_at`,`issue_id`) WHERE wish <> 'nothing';--> statement-breakpoint
CREATE TABLE `tracker_states` (
	`project` text NOT NULL,
	`wish` text NOT NULL,
	`state_id` text NOT NULL,
	`name` text NOT NULL,
	PRIMARY KEY(`project`, `wish`)
);
--> statement-breakpoint
ALTER TABLE `repos` ADD `credential` text;--> statement-breakpoint
ALTER TABLE `tasks` ADD `pull_request` integer;--> statement-breakpoint
ALTER TABLE `tasks` ADD `requested_by` text;--> statement-breakpoint
CREATE INDEX `tasks_issue` ON `tasks` (`plane_issue_id`) WHERE plane_issue_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `gate_runs_check` ON `gate_runs` (`check_name`);