/**
 * `npm run test-mappings`: maps every sample beside relay.json (`samples/<source>/<name>.json`) and compares what comes of
 * it with `<name>.expected.json`. Exit code 1: something differs.
 */
import { isDeepStrictEqual } from 'node:util';
import { Unusable } from '../cli/errors.ts';
import { useLocalSettings } from '../cli/local-settings.ts';
import { readArguments, runProgram } from '../cli/program.ts';
import { readConfiguration } from '../src/config/configuration.ts';
import { relayState } from '../src/relay.ts';
import { differences } from './test-mappings/differences.ts';
import { type MappedSample, mapSample } from './test-mappings/map-sample.ts';
import { readSamples, type Sample, writeExpected } from './test-mappings/samples.ts';

const usage = `usage: npm run test-mappings -- [source] [--update]
  source     only the samples of this source
  --update   write what comes of the samples as what is expected, and show what changed
Samples: samples/<source>/<name>.json beside the relay.json that RELAY_CONFIG names. Expected, in <name>.expected.json:
  {"changes": […]}, or {"is": "ignored"}, "for-a-person", "thin", or {"violations": […]}
  and, if the kind has it in a header, "topic": "customers/delete"`;

await runProgram(usage, async (args) => {
  const { values, positionals } = readArguments(
    args,
    { update: { type: 'boolean', default: false } },
    [0, 1],
  );
  await useLocalSettings();
  const { configuration, problems } = await readConfiguration(process.env);
  const state = await relayState();
  if (!configuration || 'problems' in state) {
    throw new Unusable(problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  }
  const { sources, brokenSources } = state.relay;
  const samples = await readSamples(configuration.folder, positionals[0]);
  let failed = 0;
  for (const sample of samples) {
    const source = sources.get(sample.source);
    if (!source) {
      const why = brokenSources.get(sample.source)?.map(({ path, message }) => `${path}: ${message}`);
      throw new Unusable(why?.join('\n') ?? `${sample.file}: relay.json has no source ${sample.source}`);
    }
    const mapped = await mapSample(source, sample);
    if (!(await compare(sample, mapped, values.update))) failed++;
  }
  console.log(
    failed === 0
      ? `${samples.length} samples as expected.`
      : `${failed} of ${samples.length} samples differ.`,
  );
  if (failed > 0) process.exitCode = 1;
});

/** Whether it is as expected, afterwards; what differs is printed. */
async function compare(sample: Sample, mapped: MappedSample, update: boolean): Promise<boolean> {
  const { topic, ...expected } = sample.expected ?? {};
  if (sample.expected && isDeepStrictEqual(expected, mapped)) {
    console.log(`ok    ${sample.file}`);
    return true;
  }
  if (update) {
    await writeExpected(sample, { ...(topic !== undefined && { topic }), ...mapped });
    console.log(`wrote ${sample.expectedFile}`);
  } else if (!sample.expected) {
    console.log(`BAD   ${sample.file}: ${sample.expectedFile} is not there; --update writes it`);
  } else console.log(`BAD   ${sample.file}`);
  if (sample.expected) for (const line of differences(expected, mapped)) console.log(`        ${line}`);
  return update;
}
