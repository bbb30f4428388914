/** Tokens for the local API, signed with the state folder's secret. */
import { type Role, signToken } from '../../platform/auth/tokens.ts';
import { authSecret, LOCAL_ISSUER, type StateFolder } from './state-folder.ts';

const AUDIENCE = 'overplanned-api';
const DAY_SECONDS = 24 * 60 * 60;

export const LOCAL_ADMIN = 'local-admin';

export async function localToken(
  folder: StateFolder,
  { subject, role, days }: { subject: string; role: Role; days: number },
): Promise<string> {
  return signToken({
    secret: await authSecret(folder),
    issuer: LOCAL_ISSUER,
    audience: AUDIENCE,
    subject,
    role,
    now: new Date(),
    lifetimeSeconds: days * DAY_SECONDS,
  });
}
