/**
 * Logs in the form of the Open Bandit Dataset (Saito et al. 2021, "Open Bandit Dataset and Pipeline", NeurIPS Datasets and
 * Benchmarks): a row is one item at one of three positions of a page, with the probability with which the logging policy
 * showed that item at that position.
 */
import { pipeline } from 'node:stream/promises';
import { parse } from 'csv-parse';
import type { BanditLog } from '../../../core/experiment/off-policy/log.ts';
import { DataError } from '../../data/data-error.ts';
import type { DataLineage } from '../../data/dataset.ts';
import { openText } from '../../data/files/text-lines.ts';

const COLUMNS = ['item_id', 'position', 'click', 'propensity_score'] as const;

const FITS: Record<(typeof COLUMNS)[number], (value: number) => boolean> = {
  item_id: (value) => Number.isInteger(value) && value >= 0,
  position: Number.isInteger,
  click: (value) => value === 0 || value === 1,
  propensity_score: (value) => value > 0 && value <= 1,
};

/**
 * @param actions how many items the policies choose from; 0: as many as the highest item id in the file says
 * @throws DataError naming file, line and field
 */
export async function readOpenBanditLog(
  file: string,
  actions = 0,
): Promise<{ log: BanditLog; source: DataLineage['sources'][number] }> {
  const text = openText(file);
  const rows: Record<(typeof COLUMNS)[number], number[]> = {
    item_id: [],
    position: [],
    click: [],
    propensity_score: [],
  };
  let columns: Record<string, number> | null = null;
  const take = ({ record, info }: { record: string[]; info: { lines: number } }) => {
    if (!columns) {
      columns = header(record, file);
      return;
    }
    for (const name of COLUMNS) {
      const cell = record[columns[name]!]!.trim();
      const value = Number(cell);
      if (cell === '' || !FITS[name](value)) {
        throw new DataError('row', { file, line: info.lines, field: name }, `"${cell}" is not a ${name}`);
      }
      rows[name].push(value);
    }
  };
  try {
    await pipeline(text.chunks(), parse({ info: true, bom: true }), async (records) => {
      for await (const record of records) take(record);
    });
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError('row', { file }, (error as Error).message, { cause: error });
  }
  if (rows.item_id.length === 0) throw new DataError('empty', { file }, 'no rows');
  const found = rows.item_id.reduce((most, id) => Math.max(most, id), 0) + 1;
  if (actions > 0 && found > actions)
    throw new DataError('row', { file, field: 'item_id' }, `more than ${actions} items`);
  const log: BanditLog = {
    actions: actions || found,
    action: Int32Array.from(rows.item_id),
    reward: Float64Array.from(rows.click),
    rewardRange: [0, 1],
    propensity: Float64Array.from(rows.propensity_score),
    identity: null,
    position: Int32Array.from(rows.position),
    cluster: null,
    probabilities: null,
  };
  return { log, source: { path: file, sha256: text.sha256(), rows: log.action.length } };
}

function header(cells: readonly string[], file: string): Record<string, number> {
  const at = Object.fromEntries(cells.map((name, i) => [name.trim(), i]));
  for (const name of COLUMNS) {
    if (at[name] === undefined) {
      throw new DataError(
        'header',
        { file, line: 1, field: name },
        `no column "${name}"; there are ${cells.join(', ')}`,
      );
    }
  }
  return at;
}
