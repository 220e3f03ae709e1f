import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Problem } from '../relay/client.ts';
import type { Asked } from '../relay/use-answer.ts';

interface PageProps {
  readonly title: string;
  /** Where it belongs: what the way back leads to. */
  readonly above?: { readonly name: string; readonly hash: string };
  /** Beside the title. */
  readonly badge?: ComponentChildren;
  /** One line below the title. */
  readonly lead?: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** The frame of each page. A new page takes the focus, so that a screen reader begins at its title. */
export function Page({ title, above, badge, lead, actions, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Customer Relay`;
    heading.current?.focus({ preventScroll: true });
  }, [title]);
  return (
    <>
      <header class="page-head">
        <div>
          {above && (
            <a class="above" href={above.hash}>
              ← {above.name}
            </a>
          )}
          <h1 ref={heading} tabIndex={-1}>
            {title} {badge}
          </h1>
          {lead && <p class="lead">{lead}</p>}
        </div>
        {actions && <div class="actions">{actions}</div>}
      </header>
      {children}
    </>
  );
}

interface PartProps {
  readonly title: string;
  readonly note?: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** A part of a page with a title of its own. */
export function Part({ title, note, actions, class: name = '', children }: PartProps) {
  return (
    <section class={`part ${name}`} aria-label={title}>
      <header>
        <h2>{title}</h2>
        {note && <p class="note">{note}</p>}
        {actions && <div class="actions">{actions}</div>}
      </header>
      {children}
    </section>
  );
}

/** What the relay says is wrong, and what to do about it. */
export function ProblemNote({ problem, again }: { readonly problem: Problem; readonly again?: () => void }) {
  return (
    <div class="problem" role="alert">
      <strong>{problem.title}</strong>
      <p>{problem.detail}</p>
      {problem.violations && problem.violations.length > 0 && (
        <ul>
          {problem.violations.map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              {path && <code>{path}</code>} {message}
            </li>
          ))}
        </ul>
      )}
      {again && (
        <button type="button" onClick={again}>
          Ask again
        </button>
      )}
    </div>
  );
}

interface AskedProps<Body> {
  readonly asked: Asked<Body>;
  readonly children: (body: Body) => ComponentChildren;
}

/** What came of asking: the answer, or that it is on its way, or why it does not come. */
export function Answered<Body>({ asked, children }: AskedProps<Body>) {
  const { body, problem, isLoading, ask } = asked;
  return (
    <>
      {problem && <ProblemNote problem={problem} again={ask} />}
      {body !== undefined && children(body)}
      {body === undefined && !problem && isLoading && <Loading />}
    </>
  );
}

export function Loading() {
  return (
    <div class="loading" role="status">
      <span>Asking the relay …</span>
    </div>
  );
}

interface EmptyProps {
  readonly title: string;
  readonly children?: ComponentChildren;
}

/** Nothing is there, and what that means. */
export function Empty({ title, children }: EmptyProps) {
  return (
    <div class="empty">
      <strong>{title}</strong>
      {children && <p>{children}</p>}
    </div>
  );
}

/** Asks once more; key `u`. */
export function AskAgain({ asked }: { readonly asked: Pick<Asked<unknown>, 'ask' | 'isLoading'> }) {
  return (
    <button
      type="button"
      data-key="u"
      onClick={asked.ask}
      aria-busy={asked.isLoading}
      title="Ask the relay again (u)"
    >
      Refresh
    </button>
  );
}
