import { useState } from 'preact/hooks';
import { call } from '../relay/client.ts';
import { Confirm } from './confirm.tsx';

interface ReplayProps {
  /** What is replayed, in words. */
  readonly what: string;
  /** The call that does it, `POST /api/{path}`. */
  readonly path: string;
  /** After it is done, before the dialog is closed. */
  readonly done: () => void;
  readonly small?: boolean;
}

/** Replays a delivery: through today's mapping and into the queue again. Asks first; key `r`. */
export function ReplayDelivery({ what, path, done, small }: ReplayProps) {
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <button
        type="button"
        class={small ? 'small' : ''}
        data-key="r"
        onClick={() => setAsking(true)}
        title="Replay (r)"
        aria-label={`Replay ${what}`}
      >
        Replay
      </button>
      {isAsking && (
        <Confirm
          title="Replay this delivery?"
          yes="Replay it"
          act={() => call(path, { method: 'POST' })}
          close={() => setAsking(false)}
          done={done}
        >
          <p>
            {what}: today's mapping reads it, and it goes into the queue again. Nothing older overwrites what
            is newer.
          </p>
        </Confirm>
      )}
    </>
  );
}
