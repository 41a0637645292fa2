ALTER TABLE `gate_runs` ADD `basis` text;--> statement-breakpoint
ALTER TABLE `gate_runs` ADD `basis_run` integer;--> statement-breakpoint
ALTER TABLE `results` ADD `run_id` integer;