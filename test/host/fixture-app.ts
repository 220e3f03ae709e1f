/** A small app for the tests of the local host. What happens shows in answers and in log lines `seen: {…}`. */
import { setTimeout as delay } from 'node:timers/promises';
import { app, type HttpHandler, type InvocationContext } from '@azure/functions';
import { answering } from '../../src/http/answering.ts';
import { readBody } from '../../src/http/body.ts';
import { ProblemError } from '../../src/http/problem.ts';

const seen = (context: InvocationContext, fact: unknown) => context.log(`seen: ${JSON.stringify(fact)}`);

const echo: HttpHandler = async (request) => ({
  status: 202,
  headers: { 'x-method': request.method },
  cookies: [{ name: 'flavour', value: 'oat', path: '/', httpOnly: true }],
  jsonBody: {
    body: request.method === 'GET' ? '' : await request.text(),
    params: request.params,
    query: Object.fromEntries(request.query),
    url: request.url,
    header: request.headers.get('x-test'),
  },
});

app.http('echo', { route: 'echo/{name}', methods: ['GET', 'POST'], handler: echo });
app.http('literal', { route: 'echo/literal', methods: ['GET'], handler: async () => ({ body: 'literal' }) });
app.http('rest', { route: 'rest/{*path}', methods: ['GET'], handler: echo });
app.http('mirror', { methods: ['POST'], handler: async (request) => ({ body: request.body }) });
app.http('head', {
  methods: ['POST'],
  handler: async (request, context) => {
    seen(context, 'head');
    return { body: await request.text() };
  },
});
app.http('locked', { methods: ['GET'], authLevel: 'function', handler: async () => ({ body: 'open' }) });
app.http('nothing', { methods: ['GET'], handler: async () => undefined as never });
app.http('throws', {
  methods: ['POST'],
  handler: async () => {
    throw new Error('thrown by the handler');
  },
});
app.http('slow', {
  methods: ['GET'],
  handler: async (_, context) => {
    seen(context, 'slow');
    await delay(500);
    return { body: 'slow but whole' };
  },
});
app.http('early', { methods: ['POST'], handler: async () => ({ status: 413, body: 'too much' }) });
app.http('halfRead', {
  methods: ['POST'],
  handler: async (request) => {
    const first = await request.body?.getReader().read();
    return { status: 413, body: `${first?.value?.byteLength} bytes are enough` };
  },
});
app.http('limited', {
  methods: ['POST'],
  handler: answering(async (request, context) => {
    try {
      const { byteLength } = await readBody(request, 100_000, 500);
      seen(context, 'a whole body');
      return { body: String(byteLength) };
    } catch (error) {
      seen(context, error instanceof ProblemError ? error.code : 'unexpected');
      throw error;
    }
  }),
});
app.http('floating', {
  methods: ['POST'],
  handler: async () => {
    void Promise.reject(new Error('nobody awaits this'));
    return { body: 'sent' };
  },
});

if (process.env.AzureWebJobsStorage) {
  app.storageQueue('work', {
    queueName: '%WORK_QUEUE%',
    connection: 'Storage',
    handler: async (message, context) => {
      seen(context, { message, metadata: context.triggerMetadata });
      const { fail = 0, takesMs = 0 } = message as { fail?: number; takesMs?: number };
      await delay(takesMs);
      if (Number(context.triggerMetadata?.dequeueCount) <= fail) throw new Error('not yet');
    },
  });
}

// So seldom that a test sees only what it starts by hand.
app.timer('clock', { schedule: '0 0 0 1 1 *', handler: (timer, context) => seen(context, timer) });
app.timer('atStart', {
  schedule: '0 0 0 1 1 *',
  runOnStartup: true,
  handler: (_, context) => seen(context, 'started'),
});

app.hook.preInvocation((context) => {
  context.hookData.begun = true;
});
app.hook.postInvocation((context) => {
  if (context.error) context.invocationContext.log(`hook saw an error, begun ${context.hookData.begun}`);
});
app.hook.appStart(() => console.warn('hook: start'));
app.hook.appTerminate(() => console.warn('hook: terminate'));

app.setup({ enableHttpStream: process.env.FIXTURE_STREAMING !== 'off' });
