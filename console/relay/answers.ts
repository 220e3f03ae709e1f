/** The API's answers, by the relay's own schemas. Types only: nothing of `src/` is in the console's script. */
import type * as z from 'zod';
import type * as answers from '../../src/http/answers.ts';

export type ProblemAnswer = z.infer<typeof answers.problemAnswer>;
export type Health = z.infer<typeof answers.healthDetailsAnswer>;
export type ChangeList = z.infer<typeof answers.listAnswer>;
export type ListedChange = ChangeList['changes'][number];
export type Status = ListedChange['status'];
export type Delivery = z.infer<typeof answers.deliveryAnswer>;
export type QueuedDelivery = z.infer<typeof answers.acceptedAnswer>;
export type DeliveryChange = Delivery['changes'][number];
export type Attempt = DeliveryChange['attempts'][number];
export type LinkList = z.infer<typeof answers.linkListAnswer>;
export type Link = LinkList['links'][number];
export type LinksSet = z.infer<typeof answers.linksSetAnswer>;
export type Preview = z.infer<typeof answers.previewAnswer>;
export type ReplayedAll = z.infer<typeof answers.replayedAllAnswer>;
export type {
  ActList,
  Comparison,
  Counts,
  Customer,
  Draft,
  HourCounts,
  Issue,
  IssueList,
  IssueReplay,
  PauseList,
  Remapped,
  SourceList,
} from '../../src/http/operator-answers.ts';
