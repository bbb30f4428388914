CREATE TABLE "venue_vectors" (
	"space" text NOT NULL,
	"activity_node_id" uuid NOT NULL,
	"city_id" uuid NOT NULL,
	"embedding" vector(64) NOT NULL,
	"venue_version" integer NOT NULL,
	CONSTRAINT "venue_vectors_space_activity_node_id_pk" PRIMARY KEY("space","activity_node_id")
);
--> statement-breakpoint
CREATE TABLE "arbitration_rules" (
	"rule" varchar(50) PRIMARY KEY NOT NULL,
	"enabled" boolean NOT NULL,
	"reason" text,
	"evidence" jsonb,
	"changed_by" text NOT NULL,
	"changed_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "experiment_exposures" (
	"id" uuid PRIMARY KEY NOT NULL,
	"experiment_id" uuid NOT NULL,
	"actor_key" uuid NOT NULL,
	"variant" text NOT NULL,
	"latency_ms" real NOT NULL,
	"failed" boolean DEFAULT false NOT NULL,
	"occurred_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "model_transitions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"model_name" text NOT NULL,
	"version" text NOT NULL,
	"from_status" varchar(20) NOT NULL,
	"to_status" varchar(20) NOT NULL,
	"actor" text NOT NULL,
	"reason" text,
	"gate" jsonb,
	"occurred_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "shadow_rankings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"ranking_event_id" uuid NOT NULL,
	"actor_key" uuid NOT NULL,
	"trip_id" uuid,
	"model_name" text NOT NULL,
	"version" text NOT NULL,
	"ranked" uuid[] NOT NULL,
	"scores" real[] NOT NULL,
	"latency_ms" real NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "shadow_rankings_event_version" UNIQUE("ranking_event_id","model_name","version")
);
--> statement-breakpoint
CREATE TABLE "alerts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"detail" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "model_registry" ADD COLUMN "shadow_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "model_registry" ADD COLUMN "canary_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "persona_embedding_before" vector(128);--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "persona_version_before" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "persona_embedded_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "venue_vectors" ADD CONSTRAINT "venue_vectors_activity_node_id_activity_nodes_id_fk" FOREIGN KEY ("activity_node_id") REFERENCES "public"."activity_nodes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "experiment_exposures" ADD CONSTRAINT "experiment_exposures_experiment_id_experiments_id_fk" FOREIGN KEY ("experiment_id") REFERENCES "public"."experiments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "venue_vectors_space_city" ON "venue_vectors" USING btree ("space","city_id");--> statement-breakpoint
CREATE INDEX "experiment_exposures_experiment" ON "experiment_exposures" USING btree ("experiment_id","occurred_at");--> statement-breakpoint
CREATE INDEX "experiment_exposures_actor" ON "experiment_exposures" USING btree ("actor_key");--> statement-breakpoint
CREATE INDEX "model_transitions_model" ON "model_transitions" USING btree ("model_name","occurred_at");--> statement-breakpoint
CREATE INDEX "shadow_rankings_version" ON "shadow_rankings" USING btree ("model_name","version","created_at");--> statement-breakpoint
CREATE INDEX "shadow_rankings_actor" ON "shadow_rankings" USING btree ("actor_key");--> statement-breakpoint
CREATE INDEX "alerts_created" ON "alerts" USING btree ("created_at","id");