ALTER TABLE "training_jobs" ADD COLUMN "seed" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "training_jobs" ADD COLUMN "split" text DEFAULT 'leave-one-out' NOT NULL;--> statement-breakpoint
ALTER TABLE "training_jobs" ADD COLUMN "lease" uuid;--> statement-breakpoint
ALTER TABLE "training_jobs" ADD COLUMN "progress" jsonb;