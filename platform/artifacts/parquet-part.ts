/** A Parquet file in the making: rows come in pages, row groups go out compressed, so that memory holds the file alone. */
import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';

/** JSON columns hold JSON text. */
export type ColumnType = 'STRING' | 'JSON' | 'BOOLEAN' | 'INT32' | 'INT64' | 'FLOAT' | 'DOUBLE' | 'TIMESTAMP';

export interface Column {
  name: string;
  type: ColumnType;
  nullable: boolean;
}

export const ROW_GROUP = 10_000;

const BASIC: Record<ColumnType, 'STRING' | 'BOOLEAN' | 'INT32' | 'INT64' | 'FLOAT' | 'DOUBLE' | 'TIMESTAMP'> = {
  STRING: 'STRING',
  // Given as text: the writer's own JSON type would stringify it again.
  JSON: 'STRING',
  BOOLEAN: 'BOOLEAN',
  INT32: 'INT32',
  INT64: 'INT64',
  FLOAT: 'FLOAT',
  DOUBLE: 'DOUBLE',
  TIMESTAMP: 'TIMESTAMP',
};

/** Values by column name: strings, numbers, booleans, `bigint` for INT64, `Date` for TIMESTAMP, null where allowed. */
export type Row = Readonly<Record<string, unknown>>;

export class ParquetPart {
  readonly #columns: readonly Column[];
  readonly #groupRows: number;
  readonly #bytes = new ByteWriter();
  readonly #writer: ParquetWriter;
  #pending: unknown[][];
  #rows = 0;

  constructor(columns: readonly Column[], groupRows = ROW_GROUP) {
    this.#columns = columns;
    this.#groupRows = groupRows;
    this.#pending = columns.map(() => []);
    const columnData = columns.map(({ name, type, nullable }) => ({ name, type: BASIC[type], nullable, data: [] }));
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      schema: schemaFromColumnData({ columnData }),
      createdBy: 'overplanned',
    });
  }

  get rows(): number {
    return this.#rows;
  }

  add(row: Row): void {
    for (let i = 0; i < this.#columns.length; i++) this.#pending[i]!.push(row[this.#columns[i]!.name] ?? null);
    this.#rows++;
    if (this.#pending[0]!.length >= this.#groupRows) this.#flush();
  }

  #flush(): void {
    if (this.#pending[0]!.length === 0) return;
    const columnData = this.#columns.map(({ name, type }, i) => ({
      name,
      data: this.#pending[i]!,
      // What one may want to skip by; of texts they cost more than they save.
      statistics: type === 'INT64' || type === 'TIMESTAMP',
    }));
    this.#writer.write({ columnData, rowGroupSize: this.#groupRows });
    this.#pending = this.#columns.map(() => []);
  }

  /** The whole file. The same rows give the same bytes. */
  finish(): Uint8Array {
    this.#flush();
    this.#writer.finish();
    return this.#bytes.getBytes();
  }
}
