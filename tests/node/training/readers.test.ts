/** Plain files of interactions: what is read, and what is said of files that cannot be. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataError } from '../../../training/data/data-error.ts';
import type { Dataset } from '../../../training/data/dataset.ts';
import { readDataset } from '../../../training/data/read-dataset.ts';

let folder: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'readers-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(extension: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, `${files++}${extension}`);
  await writeFile(path, content);
  return path;
}

const read = (...paths: string[]) => readDataset(paths, { environment: 'production' });

const rowsOf = ({ interactions: { users, items, user, item, time, rating } }: Dataset) =>
  [...user].map((u, i) => [users[u], items[item[i]!], time[i], ...(rating ? [rating[i]] : [])]);

const failure = async (reading: Promise<unknown>): Promise<DataError> => {
  const error = await reading.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DataError);
  return error as DataError;
};

describe('a CSV file', () => {
  it('is read by its header, whatever the order, quoting and other columns', async () => {
    const path = await file(
      '.csv',
      '\uFEFFitem,note,timestamp,user\r\n"a,1",x,20,u\r\nb,"y\nz",10,u\r\n\r\nb,,15,v\r\n',
    );
    const data = await read(path);
    expect(rowsOf(data)).toEqual([
      ['u', 'b', 10_000],
      ['u', 'a,1', 20_000],
      ['v', 'b', 15_000],
    ]);
    expect(data.interactions.rating).toBeNull();
    expect([...data.interactions.accepted]).toEqual([1, 1, 1]);
    expect([...data.interactions.weight]).toEqual([1, 1, 1]);
    expect(data.own).toBeNull();
  });

  it('has its ratings kept', async () => {
    const data = await read(await file('.csv', 'user,item,timestamp,rating\nu,a,1,4.5\nv,b,2,1\n'));
    expect([...data.interactions.rating!]).toEqual([4.5, 1]);
  });

  it('is named with line and field where something is wrong with it', async () => {
    const cases: [content: string, fault: string, line: number | undefined, field: string | undefined][] = [
      ['', 'empty', undefined, undefined],
      ['user,item,timestamp\n', 'empty', undefined, undefined],
      ['user,item\nu,a\n', 'header', 1, 'timestamp'],
      ['u,a,1\nv,b,2\n', 'header', 1, 'user'],
      ['user,item,timestamp,item\nu,a,1,a\n', 'header', 1, 'item'],
      ['user,item,timestamp\nu,a,1\nv,b,NaN\n', 'time', 3, 'timestamp'],
      ['user,item,timestamp\nu,a,1\nv,b,Infinity\n', 'time', 3, 'timestamp'],
      ['user,item,timestamp\nu,a,1\nv,b,yesterday\n', 'time', 3, 'timestamp'],
      ['user,item,timestamp\nu,a,1\nv,,2\n', 'row', 3, 'item'],
      ['user,item,timestamp\nu,a,1\n ,b,2\n', 'row', 3, 'user'],
      ['user,item,timestamp\nu,a,1\nv,b,\n', 'row', 3, 'timestamp'],
      ['user,item,timestamp\nu,a,1\nv,b\n', 'row', 3, undefined],
      ['user,item,timestamp\nu,"a\nb",1\nv,b\n', 'row', 4, undefined],
      ['user,item,timestamp,rating\nu,a,1,5\nv,b,2,good\n', 'rating', 3, 'rating'],
      ['user,item,timestamp\nu,"a,1\nv,b,2\n', 'row', undefined, undefined],
    ];
    for (const [content, fault, line, field] of cases) {
      const path = await file('.csv', content);
      const error = await failure(read(path));
      expect([error.fault, error.message], content).toEqual([fault, expect.stringContaining(path)]);
      if (line !== undefined) expect([error.place.line, error.place.field], content).toEqual([line, field]);
      if (field !== undefined) expect(error.message).toContain(field);
    }
  });
});

describe("RecBole's atomic file", () => {
  it('is read in any order of columns', async () => {
    const content =
      'rating:float\ttimestamp:float\titem_id:token\tuser_id:token\n3\t20\ta\tu\n4\t10.5\tb\tu\n5\t7\tb\tv\n';
    expect(rowsOf(await read(await file('.inter', content)))).toEqual([
      ['u', 'b', 10_500, 4],
      ['u', 'a', 20_000, 3],
      ['v', 'b', 7_000, 5],
    ]);
  });

  it('is named with line and field where something is wrong with it', async () => {
    const header = 'user_id:token\titem_id:token\ttimestamp:float\n';
    const cases: [content: string, fault: string, line: number, field: string | undefined][] = [
      ['user_id:token\titem_id:token\nu\ta\n', 'header', 1, 'timestamp'],
      ['user:token\titem:token\ttimestamp:float\nu\ta\t1\n', 'header', 1, 'user_id'],
      ['user_id:token\tuser_id:token\titem_id:token\ttimestamp:float\nu\tu\ta\t1\n', 'header', 1, 'user_id'],
      [`${header}u\ta\t1\nv\tb\tnan\n`, 'time', 3, 'timestamp'],
      [`${header}u\ta\t1\n\nv\t\t1\n`, 'row', 4, 'item_id'],
      [`${header}u\ta\t1\nv\tb\n`, 'row', 3, undefined],
    ];
    for (const [content, fault, line, field] of cases) {
      const error = await failure(read(await file('.inter', content)));
      expect([error.fault, error.place.line, error.place.field], content).toEqual([fault, line, field]);
    }
  });
});

describe('a file of pairs', () => {
  it('has the number of the line for a time', async () => {
    const data = await read(await file('.txt', '1 10\n2 10\n1 11\n\n2\t12\n'));
    expect(rowsOf(data)).toEqual([
      ['1', '10', 1],
      ['1', '11', 3],
      ['2', '10', 2],
      ['2', '12', 5],
    ]);
  });

  it('is named with the line that is no pair', async () => {
    const error = await failure(read(await file('.txt', '1 10\n2 10\n1 2 3\n')));
    expect([error.fault, error.place.line]).toEqual(['row', 3]);
  });
});

describe('the kind of a file', () => {
  it('follows from its first line where its name says nothing', async () => {
    const recbole = await file('', 'user_id:token\titem_id:token\ttimestamp:float\nu\ta\t5\nv\tb\t6\n');
    const csv = await file('.data', 'user,item,timestamp\nu,a,5\nv,b,6\n');
    const pairs = await file('.data', 'u a\nv b\n');
    expect(rowsOf(await read(recbole))).toEqual(rowsOf(await read(csv)));
    expect(rowsOf(await read(pairs))).toEqual([
      ['u', 'a', 1],
      ['v', 'b', 2],
    ]);
  });

  it('is no text: said so, also where the fault is not at the beginning', async () => {
    const zeros = new Uint8Array(100);
    const late = Buffer.concat([
      Buffer.from(`user,item,timestamp\n${'u,a,1\nv,b,2\n'.repeat(50_000)}`),
      Buffer.from([0xff, 0xfe]),
    ]);
    for (const path of [
      await file('.csv', zeros),
      await file('.inter', zeros),
      await file('.txt', zeros),
      await file('.bin', zeros),
      await file('.csv', late),
      await file('.parquet', Buffer.from('PAR1\0\0\0\0PAR1')),
    ]) {
      expect((await failure(read(path))).fault, path).toBe('binary');
    }
  });

  it('is none: there is no such file', async () => {
    expect((await failure(read(join(folder, 'nowhere.csv')))).fault).toBe('missing');
  });
});

describe('times', () => {
  it('are seconds where all of a file are below 10^11, and milliseconds otherwise', async () => {
    const seconds = await file('.csv', 'user,item,timestamp\nu,a,1700000000\nv,b,99999999999\n');
    const milliseconds = await file('.csv', 'user,item,timestamp\nu,a,1700000000\nv,b,100000000000\n');
    expect([...(await read(seconds)).interactions.time]).toEqual([1_700_000_000_000, 99_999_999_999_000]);
    expect([...(await read(milliseconds)).interactions.time]).toEqual([1_700_000_000, 100_000_000_000]);
  });

  it('of several files are judged file by file', async () => {
    const seconds = await file('.csv', 'user,item,timestamp\nu,a,1700000000\n');
    const milliseconds = await file('.csv', 'user,item,timestamp\nv,b,1700000000000\n');
    expect([...(await read(seconds, milliseconds)).interactions.time]).toEqual([1_700_000_000_000, 1_700_000_000_000]);
  });
});

describe('interactions', () => {
  it('are sorted by user, then time; equal times keep the order of lines and files', async () => {
    const row = fc.record({ user: fc.integer({ min: 0, max: 4 }), time: fc.integer({ min: 0, max: 3 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 6, maxLength: 60, size: 'max' }),
        fc.integer({ min: 1, max: 5 }),
        async (rows, cut) => {
          const lines = rows.map(({ user, time }, i) => `u${user},i${String(i).padStart(3, '0')},${time}`);
          fc.pre(new Set(rows.map(({ user }) => user)).size > 1);
          const header = 'user,item,timestamp';
          const data = await read(
            await file('.csv', [header, ...lines.slice(0, cut)].join('\n')),
            await file('.csv', [header, ...lines.slice(cut)].join('\n')),
          );
          const { users, items, user, item, time } = data.interactions;
          expect(user.length).toBe(rows.length);
          for (let i = 1; i < user.length; i++) {
            expect(user[i]!).toBeGreaterThanOrEqual(user[i - 1]!);
            if (user[i] !== user[i - 1]) continue;
            expect(time[i]!).toBeGreaterThanOrEqual(time[i - 1]!);
            if (time[i] === time[i - 1]) expect(items[item[i]!]! > items[item[i - 1]!]!).toBe(true);
          }
          for (let i = 0; i < user.length; i++) {
            const line = Number(items[item[i]!]!.slice(1));
            expect([users[user[i]!], time[i]]).toEqual([`u${rows[line]!.user}`, rows[line]!.time * 1000]);
          }
        },
      ),
      { seed: 7, numRuns: 40 },
    );
  });

  it('come with the SHA-256 and the rows of each file', async () => {
    const contents = ['user,item,timestamp\nu,a,1\nv,b,2\n', 'u c\n'];
    const paths = [await file('.csv', contents[0]!), await file('.txt', contents[1]!)];
    const { lineage } = await read(...paths);
    expect(lineage).toEqual({
      sources: paths.map((path, i) => ({
        path,
        sha256: createHash('sha256').update(contents[i]!).digest('hex'),
        rows: [2, 1][i],
      })),
      rows: { external: 3 },
      synthetic: false,
    });
  });

  it('of one user, or of one item, are refused', async () => {
    const oneUser = await file('.csv', 'user,item,timestamp\nu,a,1\nu,b,2\n');
    const oneItem = await file('.csv', 'user,item,timestamp\nu,a,1\nv,a,2\n');
    expect(await failure(read(oneUser))).toMatchObject({ fault: 'too_few_users', place: { field: 'user' } });
    expect(await failure(read(oneItem))).toMatchObject({ fault: 'too_few_items', place: { field: 'item' } });
  });
});
