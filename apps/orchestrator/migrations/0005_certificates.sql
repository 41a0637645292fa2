CREATE TABLE `certificates` (
	`repo_id` text NOT NULL,
	`base` text NOT NULL,
	`tree` text NOT NULL,
	`gate_digest` text NOT NULL,
	`env_digest` text NOT NULL,
	`state` text NOT NULL,
	`saved_at` integer NOT NULL,
	PRIMARY KEY(`repo_id`, `base`, `tree`, `gate_digest`, `env_digest`),
	FOREIGN KEY (`repo_id`) REFERENCES `repos`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `certificates_age` ON `certificates` (`repo_id`,`saved_at`);