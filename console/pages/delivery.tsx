import { Answered, AskAgain, Empty, Page, Part } from '../parts/page.tsx';
import { ReplayDelivery } from '../parts/replay.tsx';
import { Status } from '../parts/status.tsx';
import type { Delivery, QueuedDelivery } from '../relay/answers.ts';
import { useAnswer } from '../relay/use-answer.ts';
import { hashOf } from '../view/address.ts';
import { ChangePart } from './delivery/change-part.tsx';
import { KeptBody } from './delivery/kept-body.tsx';
import { Today } from './delivery/today.tsx';

/** While something of it is pending. */
const pendingEveryMs = 2000;

/** One delivery: what became of each of its changes, when, and why. */
export function DeliveryPage({ id }: { readonly id: string }) {
  const path = `deliveries/${encodeURIComponent(id)}`;
  const asked = useAnswer<Delivery | QueuedDelivery>(path, ({ status }) =>
    status === 'pending' ? pendingEveryMs : undefined,
  );
  const delivery = asked.body && 'changes' in asked.body ? asked.body : undefined;
  return (
    <Page
      title="Delivery"
      above={{ name: 'Deliveries', hash: '#/deliveries' }}
      badge={asked.body && <Status of={asked.body.status} />}
      lead={<Origin id={id} delivery={delivery} />}
      actions={
        <>
          <AskAgain asked={asked} />
          {delivery && delivery.status !== 'ignored' && (
            <ReplayDelivery what={`delivery ${id}`} path={`${path}/replay`} done={asked.ask} />
          )}
        </>
      }
    >
      <Answered asked={asked}>
        {() =>
          delivery ? (
            <>
              {delivery.changes.map((change) => (
                <ChangePart
                  key={change.index}
                  change={change}
                  delivery={delivery}
                  isOnly={delivery.changes.length === 1}
                />
              ))}
              {delivery.source !== 'direct' && <Today id={id} source={delivery.source} />}
              <KeptBody id={id} />
            </>
          ) : (
            <Part title="In the queue">
              <Empty title="Nobody has read it yet.">
                It is safe, and this view shows what comes of it as soon as it is read.
              </Empty>
            </Part>
          )
        }
      </Answered>
    </Page>
  );
}

function Origin({ id, delivery }: { readonly id: string; readonly delivery: Delivery | undefined }) {
  return (
    <>
      <code>{id}</code>
      {delivery && (
        <>
          {' from '}
          <a href={hashOf(['deliveries'], { source: delivery.source })}>{delivery.source}</a>
          {delivery.topic && ` (${delivery.topic})`}
        </>
      )}
    </>
  );
}
