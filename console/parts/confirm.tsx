import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Answer, Problem } from '../relay/client.ts';
import { Dialog } from './dialog.tsx';
import { ProblemNote } from './page.tsx';

interface ConfirmProps {
  readonly title: string;
  readonly yes: string;
  readonly isDangerous?: boolean;
  readonly act: () => Promise<Answer<unknown>>;
  readonly close: () => void;
  readonly done: () => void;
  readonly children: ComponentChildren;
}

/** Asks before something is done; what goes wrong is told in the same place. */
export function Confirm({ title, yes, isDangerous, act, close, done, children }: ConfirmProps) {
  const [isActing, setActing] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const confirm = async (event: Event) => {
    event.preventDefault();
    setActing(true);
    const answer = await act();
    setActing(false);
    if (!answer.ok) return setProblem(answer.problem);
    close();
    done();
  };
  return (
    <Dialog title={title} close={close}>
      <form class="stack" onSubmit={confirm}>
        {children}
        {problem && <ProblemNote problem={problem} />}
        <div class="actions">
          <button type="button" onClick={close}>
            Leave it
          </button>
          <button type="submit" class={isDangerous ? 'danger' : 'primary'} disabled={isActing}>
            {isActing ? 'A moment …' : yes}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
