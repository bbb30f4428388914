CREATE TABLE "activity_node_versions" (
	"activity_node_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"record" jsonb NOT NULL,
	"catalogue_version" text NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "activity_node_versions_activity_node_id_version_pk" PRIMARY KEY("activity_node_id","version")
);
--> statement-breakpoint
CREATE TABLE "activity_nodes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"city_id" uuid NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"category" text NOT NULL,
	"neighbourhood" text NOT NULL,
	"lat" double precision NOT NULL,
	"lng" double precision NOT NULL,
	"price_level" smallint NOT NULL,
	"hours" jsonb,
	"meals" text[] DEFAULT '{}' NOT NULL,
	"setting" text NOT NULL,
	"visit_minutes" smallint NOT NULL,
	"energy" real NOT NULL,
	"vibe_tags" text[] NOT NULL,
	"vibe_embedding" vector(64),
	"quality_signals" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"tourist_score" real,
	"local_score" real,
	"cross_ref_confidence" double precision,
	"overrated_flag" boolean DEFAULT false NOT NULL,
	"source" text NOT NULL,
	"source_tier" integer NOT NULL,
	"first_seen_at" date,
	"closed_at" date,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "activity_nodes_city_slug" UNIQUE("city_id","slug")
);
--> statement-breakpoint
CREATE TABLE "cities" (
	"id" uuid PRIMARY KEY NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"country" text NOT NULL,
	"time_zone" text NOT NULL,
	"currency" text NOT NULL,
	"centre" jsonb NOT NULL,
	"bounds" jsonb NOT NULL,
	"meal_times" jsonb NOT NULL,
	"venue_count" integer DEFAULT 0 NOT NULL,
	"catalogue_version" text DEFAULT 'empty' NOT NULL,
	"places_fetched_at" timestamp with time zone,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "cities_slug_unique" UNIQUE("slug")
);
--> statement-breakpoint
CREATE TABLE "places_api_cache" (
	"place_id" text PRIMARY KEY NOT NULL,
	"raw_response" jsonb NOT NULL,
	"fetched_at" timestamp with time zone DEFAULT now() NOT NULL,
	"refresh_due_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "places_api_calls" (
	"day" date PRIMARY KEY NOT NULL,
	"calls" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "quality_signals" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "quality_signals_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"activity_node_id" uuid NOT NULL,
	"source" text NOT NULL,
	"mentions" integer NOT NULL,
	"corpus" text NOT NULL,
	"observed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "quality_signals_node_source_corpus" UNIQUE("activity_node_id","source","corpus")
);
--> statement-breakpoint
CREATE TABLE "scraped_posts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"source" text NOT NULL,
	"external_id" text NOT NULL,
	"city_id" uuid NOT NULL,
	"raw_text" text NOT NULL,
	"activity_node_id" uuid,
	"local_score" real,
	"tourist_flag" boolean DEFAULT false NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"processed_at" timestamp with time zone,
	CONSTRAINT "scraped_posts_source_external_id" UNIQUE("source","external_id")
);
--> statement-breakpoint
CREATE TABLE "experiment_assignments" (
	"experiment_id" uuid NOT NULL,
	"actor_key" uuid NOT NULL,
	"variant" text NOT NULL,
	"assigned_at" timestamp with time zone DEFAULT now() NOT NULL,
	"first_exposed_at" timestamp with time zone,
	CONSTRAINT "experiment_assignments_experiment_id_actor_key_pk" PRIMARY KEY("experiment_id","actor_key")
);
--> statement-breakpoint
CREATE TABLE "experiments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"config" jsonb NOT NULL,
	"status" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	CONSTRAINT "experiments_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "llm_usage" (
	"id" uuid PRIMARY KEY NOT NULL,
	"model" text NOT NULL,
	"path" text NOT NULL,
	"input_tokens" integer NOT NULL,
	"output_tokens" integer NOT NULL,
	"cache_read_tokens" integer NOT NULL,
	"cache_write_tokens" integer NOT NULL,
	"cost_micro_usd" bigint NOT NULL,
	"outcome" text NOT NULL,
	"latency_ms" real NOT NULL,
	"request_id" text,
	"trip_id" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "model_registry" (
	"id" uuid PRIMARY KEY NOT NULL,
	"model_name" text NOT NULL,
	"version" text NOT NULL,
	"artifact_path" text,
	"training_date" timestamp with time zone,
	"metrics" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"lineage" text[] DEFAULT '{}' NOT NULL,
	"status" varchar(20) NOT NULL,
	"promoted_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "model_registry_name_version" UNIQUE("model_name","version")
);
--> statement-breakpoint
CREATE TABLE "simulation_runs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"config" jsonb NOT NULL,
	"seed" bigint NOT NULL,
	"code_revision" text NOT NULL,
	"lineage" text NOT NULL,
	"status" text NOT NULL,
	"metrics" jsonb,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "training_jobs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"model_name" text NOT NULL,
	"config" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"status" text NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"leased_until" timestamp with time zone,
	"error" text,
	"result" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "actor_keys" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"actor_key" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "actor_keys_actor_key_unique" UNIQUE("actor_key")
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"user_id" uuid NOT NULL,
	"key" text NOT NULL,
	"request_hash" text NOT NULL,
	"response" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotency_keys_user_id_key_pk" PRIMARY KEY("user_id","key")
);
--> statement-breakpoint
CREATE TABLE "persona_dimensions" (
	"user_id" uuid NOT NULL,
	"dimension" text NOT NULL,
	"value" double precision NOT NULL,
	"source" text NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "persona_dimensions_user_id_dimension_pk" PRIMARY KEY("user_id","dimension")
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY NOT NULL,
	"subject" text NOT NULL,
	"onboarding_tags" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"home_currency" text,
	"persona_embedding" vector(128),
	"persona_description" text,
	"persona_version" text,
	"counting_signals" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp with time zone,
	CONSTRAINT "users_subject_unique" UNIQUE("subject")
);
--> statement-breakpoint
CREATE TABLE "arbitration_events" (
	"id" uuid PRIMARY KEY NOT NULL,
	"actor_key" uuid,
	"trip_id" uuid,
	"slot_id" uuid,
	"ml_top3" uuid[] NOT NULL,
	"llm_top3" uuid[] NOT NULL,
	"arbitration_rule" varchar(50) NOT NULL,
	"served_activity" uuid,
	"accepted" boolean,
	"agreement_score" double precision,
	"context_snapshot" jsonb NOT NULL,
	"occurred_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "archetype_affinities" (
	"archetype_id" text NOT NULL,
	"activity_node_id" uuid NOT NULL,
	"source" text NOT NULL,
	"affinity" real NOT NULL,
	"observations" integer NOT NULL,
	"run_id" uuid,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "archetype_affinities_archetype_id_activity_node_id_source_pk" PRIMARY KEY("archetype_id","activity_node_id","source")
);
--> statement-breakpoint
CREATE TABLE "behavioral_signals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"actor_key" uuid NOT NULL,
	"signal_type" text NOT NULL,
	"activity_node_id" uuid,
	"trip_id" uuid,
	"slot_id" uuid,
	"context" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"weight" real NOT NULL,
	"source" text NOT NULL,
	"synthetic" boolean DEFAULT false NOT NULL,
	"model_version" text NOT NULL,
	"occurred_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "intention_signals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"behavioral_signal_id" uuid NOT NULL,
	"intention" text NOT NULL,
	"confidence" real NOT NULL,
	"source" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "pivot_events" (
	"id" uuid PRIMARY KEY NOT NULL,
	"trip_id" uuid NOT NULL,
	"slot_id" uuid,
	"actor_key" uuid NOT NULL,
	"trigger" text NOT NULL,
	"mood" text,
	"source" text NOT NULL,
	"options" jsonb NOT NULL,
	"response" text,
	"option_id" uuid,
	"latency_ms" real NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"responded_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "ranking_events" (
	"id" uuid PRIMARY KEY NOT NULL,
	"actor_key" uuid NOT NULL,
	"trip_id" uuid,
	"city_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"day_number" smallint,
	"day_part" text,
	"candidate_set_signal_id" uuid NOT NULL,
	"source" text NOT NULL,
	"model_version" text NOT NULL,
	"cache" text NOT NULL,
	"fallback" text,
	"fallback_reason" text,
	"feature_snapshot" jsonb NOT NULL,
	"latency_ms" real NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "itinerary_slots" (
	"id" uuid PRIMARY KEY NOT NULL,
	"trip_id" uuid NOT NULL,
	"day_number" smallint NOT NULL,
	"slot_order" smallint NOT NULL,
	"day_part" text NOT NULL,
	"role" text NOT NULL,
	"time_window" jsonb NOT NULL,
	"score" real NOT NULL,
	"activity_node_id" uuid NOT NULL,
	"starts_at" timestamp with time zone NOT NULL,
	"ends_at" timestamp with time zone NOT NULL,
	"travel_mode" text,
	"travel_minutes" smallint,
	"travel_metres" integer,
	"generated_narrative" text NOT NULL,
	"narrator_version" text NOT NULL,
	"model_version" text NOT NULL,
	"status" text NOT NULL,
	"alternatives" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"ranking_event_id" uuid,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "trip_members" (
	"trip_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"role" text NOT NULL,
	"joined_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "trip_members_trip_id_user_id_pk" PRIMARY KEY("trip_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "trips" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"city_id" uuid NOT NULL,
	"start_date" date NOT NULL,
	"end_date" date NOT NULL,
	"status" text NOT NULL,
	"party_size" smallint NOT NULL,
	"party_kind" text NOT NULL,
	"budget_band" text NOT NULL,
	"start_area" jsonb,
	"dimensions" jsonb NOT NULL,
	"ranking" jsonb NOT NULL,
	"day_notes" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"seq" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "activity_node_versions" ADD CONSTRAINT "activity_node_versions_activity_node_id_activity_nodes_id_fk" FOREIGN KEY ("activity_node_id") REFERENCES "public"."activity_nodes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "activity_nodes" ADD CONSTRAINT "activity_nodes_city_id_cities_id_fk" FOREIGN KEY ("city_id") REFERENCES "public"."cities"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "quality_signals" ADD CONSTRAINT "quality_signals_activity_node_id_activity_nodes_id_fk" FOREIGN KEY ("activity_node_id") REFERENCES "public"."activity_nodes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "scraped_posts" ADD CONSTRAINT "scraped_posts_city_id_cities_id_fk" FOREIGN KEY ("city_id") REFERENCES "public"."cities"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "scraped_posts" ADD CONSTRAINT "scraped_posts_activity_node_id_activity_nodes_id_fk" FOREIGN KEY ("activity_node_id") REFERENCES "public"."activity_nodes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "experiment_assignments" ADD CONSTRAINT "experiment_assignments_experiment_id_experiments_id_fk" FOREIGN KEY ("experiment_id") REFERENCES "public"."experiments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "actor_keys" ADD CONSTRAINT "actor_keys_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "persona_dimensions" ADD CONSTRAINT "persona_dimensions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "intention_signals" ADD CONSTRAINT "intention_signals_behavioral_signal_id_behavioral_signals_id_fk" FOREIGN KEY ("behavioral_signal_id") REFERENCES "public"."behavioral_signals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ranking_events" ADD CONSTRAINT "ranking_events_candidate_set_signal_id_behavioral_signals_id_fk" FOREIGN KEY ("candidate_set_signal_id") REFERENCES "public"."behavioral_signals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "itinerary_slots" ADD CONSTRAINT "itinerary_slots_trip_id_trips_id_fk" FOREIGN KEY ("trip_id") REFERENCES "public"."trips"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "itinerary_slots" ADD CONSTRAINT "itinerary_slots_activity_node_id_activity_nodes_id_fk" FOREIGN KEY ("activity_node_id") REFERENCES "public"."activity_nodes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trip_members" ADD CONSTRAINT "trip_members_trip_id_trips_id_fk" FOREIGN KEY ("trip_id") REFERENCES "public"."trips"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trip_members" ADD CONSTRAINT "trip_members_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trips" ADD CONSTRAINT "trips_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trips" ADD CONSTRAINT "trips_city_id_cities_id_fk" FOREIGN KEY ("city_id") REFERENCES "public"."cities"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "activity_nodes_city_category" ON "activity_nodes" USING btree ("city_id","category");--> statement-breakpoint
CREATE INDEX "places_api_cache_refresh" ON "places_api_cache" USING btree ("refresh_due_at");--> statement-breakpoint
CREATE INDEX "scraped_posts_unprocessed" ON "scraped_posts" USING btree ("city_id","created_at") WHERE processed_at is null;--> statement-breakpoint
CREATE INDEX "scraped_posts_node" ON "scraped_posts" USING btree ("activity_node_id");--> statement-breakpoint
CREATE INDEX "llm_usage_created" ON "llm_usage" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "llm_usage_path" ON "llm_usage" USING btree ("path","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "model_registry_one_production" ON "model_registry" USING btree ("model_name") WHERE status = 'production';--> statement-breakpoint
CREATE INDEX "training_jobs_status" ON "training_jobs" USING btree ("status","created_at");--> statement-breakpoint
CREATE INDEX "idempotency_keys_created" ON "idempotency_keys" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "arbitration_events_rule" ON "arbitration_events" USING btree ("arbitration_rule","occurred_at");--> statement-breakpoint
CREATE INDEX "arbitration_events_slot" ON "arbitration_events" USING btree ("slot_id");--> statement-breakpoint
CREATE INDEX "archetype_affinities_node" ON "archetype_affinities" USING btree ("activity_node_id");--> statement-breakpoint
CREATE INDEX "behavioral_signals_actor" ON "behavioral_signals" USING btree ("actor_key","occurred_at");--> statement-breakpoint
CREATE INDEX "behavioral_signals_trip" ON "behavioral_signals" USING btree ("trip_id");--> statement-breakpoint
CREATE INDEX "behavioral_signals_created" ON "behavioral_signals" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "behavioral_signals_node_type" ON "behavioral_signals" USING btree ("activity_node_id","signal_type");--> statement-breakpoint
CREATE INDEX "intention_signals_signal" ON "intention_signals" USING btree ("behavioral_signal_id");--> statement-breakpoint
CREATE INDEX "pivot_events_trip" ON "pivot_events" USING btree ("trip_id","created_at");--> statement-breakpoint
CREATE INDEX "pivot_events_open" ON "pivot_events" USING btree ("expires_at") WHERE response is null;--> statement-breakpoint
CREATE INDEX "ranking_events_trip" ON "ranking_events" USING btree ("trip_id","day_number");--> statement-breakpoint
CREATE INDEX "ranking_events_created" ON "ranking_events" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "ranking_events_candidate_set" ON "ranking_events" USING btree ("candidate_set_signal_id");--> statement-breakpoint
CREATE INDEX "itinerary_slots_trip_day" ON "itinerary_slots" USING btree ("trip_id","day_number","slot_order");--> statement-breakpoint
CREATE INDEX "itinerary_slots_node" ON "itinerary_slots" USING btree ("activity_node_id");--> statement-breakpoint
CREATE INDEX "trip_members_user" ON "trip_members" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "trips_user" ON "trips" USING btree ("user_id","created_at");--> statement-breakpoint
CREATE INDEX "trips_city_dates" ON "trips" USING btree ("city_id","start_date");--> statement-breakpoint
CREATE INDEX "trips_status_start" ON "trips" USING btree ("status","start_date");