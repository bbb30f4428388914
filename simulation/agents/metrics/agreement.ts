/**
 * The ranker against the language model's side in the same slots of the warm: how often they name one top choice, and who was
 * right where they do not. "Right": the traveller would take it were it offered alone, with the same moods and noise; an agent
 * that cannot be asked without effect says nothing of it.
 */
import type { ReferenceChoice, SlotRecord, TripRecord } from '../record.ts';
import { type Metric, type Part, shareOf } from './metric.ts';

interface Compared {
  same: boolean;
  top: boolean | null;
  other: boolean | null;
}

function comparedSlots({ slots }: TripRecord): Compared[] {
  return slots
    .filter((slot): slot is SlotRecord & { reference: ReferenceChoice } => slot.reference !== null)
    .map(({ ranked, reference }) => ({
      same: ranked[0]!.id === reference.top.id,
      top: reference.wouldTakeTop,
      other: reference.wouldTakeReference,
    }));
}

const known = ({ top, other }: Compared) => top !== null && other !== null;
const disputed = (one: Compared) => !one.same && known(one);

function metric(name: string, title: string, formula: string, measure: (slots: Compared[]) => Part): Metric {
  return {
    name,
    title,
    formula,
    unit: 'share',
    range: [0, 1],
    better: null,
    measure: (trip) => measure(comparedSlots(trip)),
  };
}

export const agreementRate = metric(
  'agreement_rate',
  'Agreement with the language model side',
  'slots of the warm with one top choice of both / slots of the warm',
  (slots) => shareOf(slots, ({ same }) => same),
);
export const rightWhenAgreed = metric(
  'right_when_agreed',
  'Right where both agree',
  'top choices that would be taken / slots in which both name it',
  (slots) =>
    shareOf(
      slots,
      ({ top }) => top === true,
      (one) => one.same && known(one),
    ),
);
export const onlyRankerRight = metric(
  'only_ranker_right',
  'Only the ranker right where they disagree',
  'slots in which its top choice would be taken and the other would not / slots of disagreement',
  (slots) => shareOf(slots, ({ top, other }) => top === true && other === false, disputed),
);
export const onlyReferenceRight = metric(
  'only_llm_side_right',
  'Only the language model side right where they disagree',
  "slots in which its top choice would be taken and the ranker's would not / slots of disagreement",
  (slots) => shareOf(slots, ({ top, other }) => top === false && other === true, disputed),
);
