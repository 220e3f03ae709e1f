interface ViolationsProps {
  readonly of: readonly { readonly path: string; readonly message: string }[];
}

/** What is wrong, each with its path; nothing if nothing is. */
export function Violations({ of: violations }: ViolationsProps) {
  if (violations.length === 0) return null;
  return (
    <ul class="violations">
      {violations.map(({ path, message }) => (
        <li key={`${path} ${message}`}>
          <code>{path || 'the whole'}</code> {message}
        </li>
      ))}
    </ul>
  );
}
