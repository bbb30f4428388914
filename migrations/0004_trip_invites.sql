CREATE TABLE "trip_invites" (
	"token_hash" text PRIMARY KEY NOT NULL,
	"trip_id" uuid NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"accepted_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "trip_invites" ADD CONSTRAINT "trip_invites_trip_id_trips_id_fk" FOREIGN KEY ("trip_id") REFERENCES "public"."trips"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "trip_invites_trip" ON "trip_invites" USING btree ("trip_id");--> statement-breakpoint
CREATE INDEX "trip_invites_expires" ON "trip_invites" USING btree ("expires_at");