/** Our own data that may not be trained on (invariants 5 and 9): what it is, and how much. */
import { DataError } from '../data-error.ts';

/** Signals by source, and whether their traveller was warm at the event. */
export type RefusedCounts = Readonly<Record<string, { warm: number; cold: number }>>;

const plural = (n: number) => `${n} signal${n === 1 ? '' : 's'}`;

function describe(counts: RefusedCounts): string {
  const parts = Object.entries(counts).flatMap(([source, { warm, cold }]) => [
    ...(warm > 0 ? [`${plural(warm)} of ${source} (warm)`] : []),
    ...(cold > 0 ? [`${plural(cold)} of ${source} (cold)`] : []),
  ]);
  return parts.join(', ');
}

export class RefusedData extends DataError {
  override readonly name = 'RefusedData';
  readonly refused: RefusedCounts;
  /** Signals that may be trained on. */
  readonly eligible: number;
  constructor(folder: string, refused: RefusedCounts, eligible: number) {
    super(
      'row',
      { file: folder, field: 'source' },
      `ranking models train on user_behavioral of warm travellers alone; refused: ${describe(refused) || 'nothing'}; ` +
        `${plural(eligible)} may be used`,
    );
    this.refused = refused;
    this.eligible = eligible;
  }
}
