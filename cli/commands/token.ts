import { Command, InvalidArgumentError, Option } from 'commander';
import type { Role } from '../../platform/auth/tokens.ts';
import { CommandError } from '../command-error.ts';
import { LOCAL_ADMIN, localToken } from '../local/local-token.ts';
import { stateFolder, stateOption } from '../local/state-folder.ts';

interface TokenOptions {
  role: Role;
  user?: string;
  expires: number;
  state: string;
}

export const tokenCommand = new Command('token')
  .description('print a bearer token for the local API')
  .addOption(new Option('--role <role>', 'what the bearer may do').choices(['user', 'admin']).default('user'))
  .option('--user <id>', "whose token it is (an admin's is local-admin by default)")
  .option('--expires <days>', 'days until it expires', parseDays, 30)
  .addOption(stateOption())
  .action(async ({ role, user, expires, state }: TokenOptions) => {
    const subject = user ?? (role === 'admin' ? LOCAL_ADMIN : undefined);
    if (!subject) throw new CommandError('Say whose token it is with --user <id>, or ask for --role admin.');
    console.log(await localToken(stateFolder(state), { subject, role, days: expires }));
  });

function parseDays(text: string): number {
  const days = Number(text);
  if (!(days > 0 && days <= 3650)) throw new InvalidArgumentError('Give days, more than 0 and at most 3650.');
  return days;
}
