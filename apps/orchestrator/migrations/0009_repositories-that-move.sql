ALTER TABLE `repos` ADD `forge_id` text;--> statement-breakpoint
ALTER TABLE `repos` ADD `moved_to` text;