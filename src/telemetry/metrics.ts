/** Every metric of the relay, with its unit (UCUM) and meaning. */
export const metrics = {
  'relay.changes': {
    kind: 'counter',
    unit: '{change}',
    description: 'Changes by source, outcome and reason',
  },
  'relay.reads': {
    kind: 'counter',
    unit: '{customer}',
    description: 'Customers read from a vendor or a file, by source, what read them, and outcome',
  },
  'relay.left-out': {
    kind: 'counter',
    unit: '{field}',
    description: 'Fields that were left out of changes, by source, path and reason',
  },
  'relay.refusals': {
    kind: 'counter',
    unit: '{request}',
    description: 'Webhooks refused, by source and reason',
  },
  'relay.upstream.duration': { kind: 'histogram', unit: 'ms', description: "DirectScale's time to answer" },
  'relay.change.age': { kind: 'histogram', unit: 'ms', description: 'Time from receipt to applied' },
} as const;
export type Metric = keyof typeof metrics;
