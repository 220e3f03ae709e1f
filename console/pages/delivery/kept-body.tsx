import { useState } from 'preact/hooks';
import { Answered, Empty, Part } from '../../parts/page.tsx';
import type { Delivery, QueuedDelivery } from '../../relay/answers.ts';
import { useAnswer } from '../../relay/use-answer.ts';

/** The request as it came: a person's data, hidden until somebody asks for it, which the relay notes. */
export function KeptBody({ id }: { readonly id: string }) {
  const [isShown, setShown] = useState(false);
  const asked = useAnswer<Delivery | QueuedDelivery>(
    isShown ? `deliveries/${encodeURIComponent(id)}?body=true` : undefined,
  );
  return (
    <Part
      title="As it was sent"
      note="Holds values of a person. That you looked at them is noted with your name."
      actions={
        <button type="button" onClick={() => setShown(!isShown)} aria-expanded={isShown}>
          {isShown ? 'Hide values' : 'Show values'}
        </button>
      }
    >
      {isShown && (
        <Answered asked={asked}>
          {(body) =>
            'body' in body && body.body !== undefined ? (
              <pre class="body">{readable(body.body)}</pre>
            ) : (
              <Empty title="The request is not kept any more." />
            )
          }
        </Answered>
      )}
    </Part>
  );
}

/** JSON with a line for each member; anything else as it is. */
function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
