CREATE TABLE `pull_requests` (
	`repo_id` text NOT NULL,
	`number` integer NOT NULL,
	`branch` text NOT NULL,
	`head` text NOT NULL,
	`asked_head` text,
	`asked_by` text,
	`task_id` text,
	`command_cursor` text,
	`finished_at` integer,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`repo_id`, `number`),
	FOREIGN KEY (`repo_id`) REFERENCES `repos`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
ALTER TABLE `repos` ADD `credential` text;--> statement-breakpoint
ALTER TABLE `tasks` ADD `pull_request` integer;--> statement-breakpoint
ALTER TABLE `tasks` ADD `requested_by` text;