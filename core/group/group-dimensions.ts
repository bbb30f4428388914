/** The rhythm of a group: what frames its days, where there can be only one pace and one hour to rise. */
import { DIMENSION_NAMES, type Dimensions } from '../persona/dimensions.ts';
import { memberMean } from './member-mean.ts';

/** Each dimension's mean over at least one member. Identical members keep theirs to the last bit. */
export function groupDimensions(members: readonly Dimensions[]): Dimensions {
  if (members.length === 0) throw new RangeError('a group has at least one member');
  return Object.fromEntries(
    DIMENSION_NAMES.map((name) => [name, memberMean(members.map((dimensions) => dimensions[name]))]),
  ) as Dimensions;
}
