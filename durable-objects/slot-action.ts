/** What a traveller does with a slot. */
import type { SlotAction } from '../core/itinerary/trip-changes.ts';

export interface SlotActionRequest {
  slotId: string;
  action: SlotAction;
  /** What a swap is to bring; the best feasible alternative where it is left out. */
  venueId?: string | undefined;
  /** How long the slot was in view. */
  timeToActionMs?: number | undefined;
}
