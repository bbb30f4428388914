CREATE TABLE "dead_letters" (
	"id" uuid PRIMARY KEY NOT NULL,
	"queue" text NOT NULL,
	"reason" text NOT NULL,
	"detail" text,
	"body" text NOT NULL,
	"user_id" uuid,
	"attempts" integer NOT NULL,
	"failed_at" timestamp with time zone NOT NULL,
	"replayed_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "job_runs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"trigger" text NOT NULL,
	"status" text NOT NULL,
	"progress" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"error" text,
	"created_at" timestamp with time zone NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "behavioral_sequences" (
	"actor_key" uuid PRIMARY KEY NOT NULL,
	"sequence" jsonb NOT NULL,
	"learned_to" bigint NOT NULL,
	"updated_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "behavioral_signals" ADD COLUMN "counts" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "behavioral_signals" ADD COLUMN "position" bigint NOT NULL GENERATED ALWAYS AS IDENTITY (sequence name "behavioral_signals_position_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1);--> statement-breakpoint
CREATE INDEX "dead_letters_failed" ON "dead_letters" USING btree ("failed_at","id");--> statement-breakpoint
CREATE INDEX "dead_letters_user" ON "dead_letters" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "job_runs_created" ON "job_runs" USING btree ("created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "behavioral_signals_counts_once" ON "behavioral_signals" USING btree ("actor_key","signal_type",coalesce("slot_id", "trip_id", '00000000-0000-0000-0000-000000000000'::uuid),coalesce("activity_node_id", '00000000-0000-0000-0000-000000000000'::uuid)) WHERE "counts";--> statement-breakpoint
CREATE INDEX "behavioral_signals_actor_position" ON "behavioral_signals" USING btree ("actor_key","position");