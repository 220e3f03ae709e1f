import * as z from 'zod';
import type { FetchContext, VendorFailure } from '../fetch-context.ts';
import { otherForm } from '../shared/not-told.ts';
import type { SubscriptionGuard, SubscriptionState, WantedSubscription } from '../subscription.ts';
import type { Options } from './options.ts';
import { askDataverse } from './web-api.ts';
import { withoutWebApi } from './without-web-api.ts';

const id = z.string().regex(/^[0-9A-Fa-f-]{36}$/);
const endpointSchema = z.looseObject({ serviceendpointid: id, url: z.string().nullish() });

const stepSchema = z.looseObject({
  sdkmessageprocessingstepid: id,
  /** 0: on. */
  statecode: z.int(),
  sdkmessageid: z.looseObject({ name: z.string() }).nullish(),
  sdkmessagefilterid: z.looseObject({ primaryobjecttypecode: z.string().nullish() }).nullish(),
});
type Step = z.infer<typeof stepSchema>;

const imageSchema = z.looseObject({
  /** 0: before; 1: after; 2: both. */
  imagetype: z.int(),
  /** By commas; empty: all. */
  attributes: z.string().nullish(),
});

/** What is registered for the relay's address. */
interface Registered {
  readonly type: 'registered';
  /** False: no webhook has the address. */
  readonly hasEndpoint: boolean;
  readonly steps: readonly Step[];
  /** The steps, by id, whose post image has the column of the DirectScale id. */
  readonly withImage: ReadonlySet<string>;
}

/** Dataverse refuses what the user may not see with one of these. */
const withoutRight = new Set([400, 403]);

/**
 * The webhook and its steps. The secret that it sends cannot be read, and a step has to be made in the Plug-in Registration tool.
 * https://learn.microsoft.com/power-apps/developer/data-platform/register-web-hook
 */
export const subscription: SubscriptionGuard<Options> = {
  async look(wanted, context) {
    const registered = await readRegistered(wanted, context);
    return registered.type === 'registered' ? stateOf(registered, context.options) : registered;
  },

  async repair(wanted, context) {
    const registered = await readRegistered(wanted, context);
    if (registered.type !== 'registered') return registered;
    for (const { statecode, sdkmessageprocessingstepid } of registered.steps) {
      if (statecode === 0) continue;
      const path = `sdkmessageprocessingsteps(${sdkmessageprocessingstepid})`;
      const on = await askDataverse({ path, query: {}, change: { statecode: 0, statuscode: 1 } }, context);
      if (on.type !== 'answered' && on.type !== 'not-there') return on;
    }
    return subscription.look(wanted, context);
  },
};

type Unread = Exclude<SubscriptionState, { type: 'found' }>;

async function readRegistered(
  { url }: WantedSubscription,
  context: FetchContext<Options>,
): Promise<Registered | Unread> {
  if (!context.options.webApi) return withoutWebApi;
  const endpoints = await readRows(
    'serviceendpoints',
    { $select: 'serviceendpointid,url' },
    endpointSchema,
    context,
  );
  if (!Array.isArray(endpoints)) return endpoints;
  const ours = endpoints.filter((endpoint) => isAddressOf(endpoint.url, url));
  const steps: Step[] = [];
  for (const { serviceendpointid } of ours) {
    const query = {
      $select: 'sdkmessageprocessingstepid,statecode',
      $filter: `_eventhandler_value eq ${serviceendpointid}`,
      $expand: 'sdkmessageid($select=name),sdkmessagefilterid($select=primaryobjecttypecode)',
    };
    const read = await readRows('sdkmessageprocessingsteps', query, stepSchema, context);
    if (!Array.isArray(read)) return read;
    steps.push(...read);
  }
  const withImage = await stepsWithImage(steps, context);
  return 'type' in withImage
    ? withImage
    : { type: 'registered', hasEndpoint: ours.length > 0, steps, withImage };
}

async function stepsWithImage(
  steps: readonly Step[],
  context: FetchContext<Options>,
): Promise<ReadonlySet<string> | Unread> {
  const withImage = new Set<string>();
  for (const { sdkmessageprocessingstepid } of steps) {
    const query = {
      $select: 'imagetype,attributes',
      $filter: `_sdkmessageprocessingstepid_value eq ${sdkmessageprocessingstepid}`,
    };
    const read = await readRows('sdkmessageprocessingstepimages', query, imageSchema, context);
    if (!Array.isArray(read)) return read;
    const isWhole = read.some(
      ({ imagetype, attributes }) =>
        imagetype > 0 && (!attributes || attributes.split(',').includes(context.options.idColumn)),
    );
    if (isWhole) withImage.add(sdkmessageprocessingstepid);
  }
  return withImage;
}

async function readRows<Schema extends z.ZodType>(
  path: string,
  query: Readonly<Record<string, string>>,
  schema: Schema,
  context: FetchContext<Options>,
): Promise<z.output<Schema>[] | Unread> {
  const answer = await askDataverse({ path, query }, context);
  if (answer.type === 'not-there') return otherForm;
  if (answer.type !== 'answered') return isWithoutRight(answer) ? notReadable : answer;
  return z.looseObject({ value: z.array(schema) }).safeParse(answer.payload).data?.value ?? otherForm;
}

const isWithoutRight = ({ type, status = 0 }: VendorFailure): boolean =>
  type === 'refused-by-vendor' && withoutRight.has(status);

const notReadable = {
  type: 'not-told',
  reason:
    'the application user may not read the registered webhooks (serviceendpoints, sdkmessageprocessingsteps)',
} as const;

/** The secret may be in the query of the address. */
function isAddressOf(text: string | null | undefined, wanted: URL): boolean {
  if (typeof text !== 'string' || !URL.canParse(text)) return false;
  const { origin, pathname } = new URL(text);
  return origin === wanted.origin && pathname === wanted.pathname;
}

function stateOf(
  { hasEndpoint, steps, withImage }: Registered,
  { tables, idColumn }: Options,
): SubscriptionState {
  if (!hasEndpoint) return { type: 'found', problems: ['no webhook with this address is registered'] };
  const updates = steps.filter(
    ({ sdkmessageid, sdkmessagefilterid }) =>
      sdkmessageid?.name === 'Update' &&
      Object.hasOwn(tables, sdkmessagefilterid?.primaryobjecttypecode ?? ''),
  );
  if (updates.length === 0)
    return { type: 'found', problems: ['the webhook has no step for Update of one of options.tables'] };
  const problems = updates.flatMap(({ statecode, sdkmessageprocessingstepid, sdkmessagefilterid }) => {
    const name = `the step for Update of ${sdkmessagefilterid?.primaryobjecttypecode}`;
    return [
      ...(statecode === 0 ? [] : [`${name} is switched off`]),
      ...(withImage.has(sdkmessageprocessingstepid)
        ? []
        : [`${name} has no post image with ${idColumn}: it does not tell whose change it is`]),
    ];
  });
  return { type: 'found', problems };
}
