/** A slot that a traveller comes to, with the day and the trip that it belongs to. */
import type { Course } from './choice-model.ts';
import type { DrawnSlot } from './drawn-trip.ts';
import type { Traveller } from './traveller.ts';
import type { TripDay, TripScene } from './trip-scene.ts';

export interface SlotCase {
  traveller: Traveller;
  scene: TripScene;
  day: TripDay;
  slotId: string;
  drawn: DrawnSlot;
  course: Course;
}
