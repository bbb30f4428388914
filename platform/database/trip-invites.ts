/** Invites into trips: random tokens, of which only the hash is stored. */
import { eq, isNull, sql } from 'drizzle-orm';
import type { Queries } from './client.ts';
import { tripInvites } from './schema/index.ts';

export type TripInvite = typeof tripInvites.$inferSelect;

/** 256 random bits; nothing that is stored leads back to them. */
export function newInviteToken(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');
}

/** SHA-256, hexadecimal. */
export async function inviteHash(token: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))).toString('hex');
}

export async function insertInvite(database: Queries, invite: Omit<TripInvite, 'acceptedAt'>): Promise<void> {
  await database.insert(tripInvites).values(invite);
}

export async function findInvite(database: Queries, tokenHash: string): Promise<TripInvite | null> {
  const [row] = await database.select().from(tripInvites).where(eq(tripInvites.tokenHash, tokenHash));
  return row ?? null;
}

/** For the record: that an invite is used once only, the trip's object sees to. */
export async function markAccepted(database: Queries, tokenHash: string, now: Date): Promise<void> {
  await database
    .update(tripInvites)
    .set({ acceptedAt: now })
    .where(sql`${tripInvites.tokenHash} = ${tokenHash} and ${isNull(tripInvites.acceptedAt)}`);
}
