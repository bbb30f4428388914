-- Retrieval scans the open venues of a city for their vectors alone: all that it reads is in this index.
CREATE INDEX "activity_nodes_city_vibe" ON "activity_nodes" ("city_id") INCLUDE ("id", "vibe_embedding") WHERE "closed_at" IS NULL;
