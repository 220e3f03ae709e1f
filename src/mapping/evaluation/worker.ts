/**
 * The thread in which mappings are evaluated, so that one that does not come to an end can be ended: nothing else stops a
 * regular expression. It knows what it is given with each evaluation, and nothing of the relay.
 */
import { parentPort } from 'node:worker_threads';
import type jsonata from 'jsonata';
import { compileExpression, evaluationMessage } from './compile.ts';
import type { Evaluated, Evaluation } from './messages.ts';

const compiled = new Map<string, jsonata.Expression>();

parentPort?.on('message', (evaluation: Evaluation) => {
  void evaluate(evaluation).then((evaluated) => parentPort?.postMessage(evaluated));
});

async function evaluate({ mapping, payload }: Evaluation): Promise<Evaluated> {
  const { file, expression, regionWhereNone } = mapping;
  try {
    const key = JSON.stringify(mapping);
    const known = compiled.get(key) ?? compileExpression(file, expression, regionWhereNone);
    compiled.set(key, known);
    // A mapping may yield what cannot leave the thread, such as a function.
    return { output: structuredClone(await known.evaluate(payload)) };
  } catch (error) {
    return { message: evaluationMessage(file, expression, error) };
  }
}
