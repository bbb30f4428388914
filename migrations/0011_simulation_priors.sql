CREATE TABLE "arbitration_calibrations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"run_id" uuid NOT NULL,
	"lineage" text[] NOT NULL,
	"calibration" jsonb NOT NULL,
	"created_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "synthetic_reviews" (
	"id" uuid PRIMARY KEY NOT NULL,
	"real_users" integer NOT NULL,
	"seasoned_users" integer NOT NULL,
	"phase" text NOT NULL,
	"comparison" jsonb,
	"reviewed_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "correction_signals" (
	"archetype_id" text NOT NULL,
	"activity_node_id" uuid NOT NULL,
	"source" text NOT NULL,
	"real_travellers" integer NOT NULL,
	"real_accepted" integer NOT NULL,
	"synthetic_travellers" integer NOT NULL,
	"synthetic_accepted" integer NOT NULL,
	"difference" double precision NOT NULL,
	"lower" double precision NOT NULL,
	"upper" double precision NOT NULL,
	"p" double precision NOT NULL,
	"q" double precision NOT NULL,
	"review_id" uuid NOT NULL,
	CONSTRAINT "correction_signals_archetype_id_activity_node_id_source_pk" PRIMARY KEY("archetype_id","activity_node_id","source")
);
--> statement-breakpoint
CREATE TABLE "persona_priors" (
	"archetype_id" text NOT NULL,
	"dimension" text NOT NULL,
	"source" text NOT NULL,
	"value" double precision NOT NULL,
	"deviation" double precision NOT NULL,
	"travellers" integer NOT NULL,
	"run_id" uuid NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "persona_priors_archetype_id_dimension_source_pk" PRIMARY KEY("archetype_id","dimension","source")
);
--> statement-breakpoint
ALTER TABLE "archetype_affinities" ADD COLUMN "accepted" integer NOT NULL;--> statement-breakpoint
CREATE INDEX "arbitration_calibrations_created" ON "arbitration_calibrations" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "synthetic_reviews_at" ON "synthetic_reviews" USING btree ("reviewed_at");--> statement-breakpoint
CREATE INDEX "correction_signals_node" ON "correction_signals" USING btree ("activity_node_id");