CREATE INDEX `tasks_branch` ON `tasks` (`branch`);--> statement-breakpoint
CREATE INDEX `tasks_unsettled` ON `tasks` (`repo_id`) WHERE stage <> 'done' AND cancelled_at IS NULL;