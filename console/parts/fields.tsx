/** Names of fields, the first few; the others when they are asked for. */
export function FieldNames({
  names,
  most = 4,
}: {
  readonly names: readonly string[];
  readonly most?: number;
}) {
  if (names.length === 0) return <span class="none">none</span>;
  const hidden = names.length - most;
  return (
    <span class="fields" title={names.join(', ')}>
      {names.slice(0, hidden > 0 ? most : undefined).map((name) => (
        <code key={name}>{name}</code>
      ))}
      {hidden > 0 && <span class="none">+{hidden}</span>}
    </span>
  );
}
