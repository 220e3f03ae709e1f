/** `npm run fuzz -- --minutes N`: sends the relay odd and forged requests; ends with 1 if one of them did harm. */
import { readArguments, readNumber, runProgram } from '../../cli/program.ts';
import type { LoadReport } from './load.ts';
import { fuzzRound } from './round.ts';

const usage = `usage: npm run fuzz -- [--minutes N] [--seed S]
  --minutes N  for how long (default: 10); a new relay every three minutes, every second one with faults of its storage
  --seed S     where the choices begin (default: another one each time)`;

const roundMs = 180_000;

await runProgram(usage, async (args) => {
  const { values } = readArguments(args, {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
  });
  const until = Date.now() + readNumber('minutes', values.minutes, 1, 10_000) * 60_000;
  const firstSeed = readNumber('seed', values.seed, 0, 999_999_999);
  const all: LoadReport[] = [];
  for (let round = 0; Date.now() < until; round++) {
    const seed = firstSeed + round;
    const ms = Math.max(1000, Math.min(roundMs, until - Date.now()));
    const report = await withNewStack(() => fuzzRound({ seed, ms, withStorageFaults: round % 2 === 1 }));
    all.push(report);
    console.log(`round ${round + 1}, seed ${seed}: ${summaryOf([report])}`);
    for (const [name, found] of foundIn(report)) for (const what of found) console.log(`  ${name}: ${what}`);
  }
  console.log(`all: ${summaryOf(all)}`);
  if (all.some((report) => foundIn(report).length > 0)) process.exitCode = 1;
});

/** Again if the services around the relay do not start in time: the machine may be busy. */
async function withNewStack<Result>(run: () => Promise<Result>): Promise<Result> {
  for (let left = 5; ; left--) {
    try {
      return await run();
    } catch (error) {
      if (left === 0) throw error;
      console.error(`The round could not be run, again: ${error}`);
    }
  }
}

function foundIn(report: LoadReport): [string, readonly string[]][] {
  return Object.entries(report).flatMap(([name, found]) =>
    Array.isArray(found) && found.length > 0 ? [[name, found]] : [],
  );
}

/** The sum of each number, and of the lengths of each list. */
function summaryOf(reports: readonly LoadReport[]): string {
  const sums = new Map<string, number>();
  for (const report of reports)
    for (const [name, value] of Object.entries(report))
      sums.set(name, (sums.get(name) ?? 0) + (typeof value === 'number' ? value : value.length));
  return [...sums].map(([name, sum]) => `${name} ${sum}`).join(', ');
}
