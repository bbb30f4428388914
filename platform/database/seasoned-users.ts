/** How many real travellers have made three trips or more, at the last nightly review; 0 before the first. */
import { sql } from 'drizzle-orm';

export const SEASONED_USERS = sql<number>`coalesce(
  (select r.seasoned_users from synthetic_reviews r order by r.reviewed_at desc, r.id desc limit 1), 0)`;
