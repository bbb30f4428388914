ALTER TABLE "itinerary_slots" ADD COLUMN "served" jsonb;--> statement-breakpoint
ALTER TABLE "trips" ADD COLUMN "group" jsonb;