CREATE TABLE `breaker_witnesses` (
	`repo_id` text NOT NULL,
	`cause` text NOT NULL,
	`host` text NOT NULL,
	`task_id` text NOT NULL,
	`at` integer NOT NULL,
	`refuted_at` integer,
	PRIMARY KEY(`repo_id`, `cause`, `host`, `task_id`),
	FOREIGN KEY (`repo_id`) REFERENCES `repos`(`id`) ON UPDATE no action ON DELETE no action
);
