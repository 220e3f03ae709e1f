/**
 * The thread in which mappings are evaluated, so that one that does not come to an end can be ended: nothing else stops a
 * regular expression. It knows what it is given with each evaluation, and nothing of the relay.
 */
import { parentPort } from 'node:worker_threads';
import type jsonata from 'jsonata';
import { compileExpression, evaluationMessage } from './compile.ts';
import type { Evaluated, Evaluation, MappingText } from './messages.ts';

interface Known {
  readonly mapping: MappingText;
  readonly compiled: jsonata.Expression;
}

const known = new Map<number, Known>();

parentPort?.on('message', (evaluation: Evaluation) => void evaluate(evaluation));
parentPort?.postMessage('ready');

async function evaluate({ id, mapping, payload }: Evaluation): Promise<void> {
  const used = mapping ? { mapping, compiled: compile(mapping) } : known.get(id);
  if (!used) throw new Error('a mapping comes with its first evaluation');
  if (!used.mapping.isDraft) known.set(id, used);
  const { file, expression } = used.mapping;
  try {
    const output: unknown = await used.compiled.evaluate(
      payload === undefined ? undefined : JSON.parse(payload),
    );
    // Throws for what cannot leave the thread, such as a function.
    answer({ output });
  } catch (error) {
    answer({ message: evaluationMessage(file, expression, error) });
  }
}

const compile = ({ file, expression, regionWhereNone }: MappingText): jsonata.Expression =>
  compileExpression(file, expression, regionWhereNone);

const answer = (evaluated: Evaluated): void => parentPort?.postMessage(evaluated);
