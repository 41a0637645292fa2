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
CREATE INDEX `tasks_issue` ON `tasks` (`plane_issue_id`) WHERE plane_issue_id IS NOT NULL;