import { useEffect, useState } from 'preact/hooks';
import { Filters } from '../../parts/filters.tsx';

export const statuses = ['pending', 'applied', 'unchanged', 'stale', 'parked', 'ignored', 'returned'];

/** The query's parts that choose changes. */
export const filterNames = [
  'status',
  'reason',
  'source',
  'customer',
  'field',
  'record',
  'since',
  'until',
] as const;

interface FiltersProps {
  readonly query: Readonly<Record<string, string>>;
  readonly set: (more: Readonly<Record<string, string | undefined>>) => void;
}

/** What the list is to show. It stands in the address, so that the view can be sent to somebody. */
export function DeliveryFilters({ query, set }: FiltersProps) {
  const isFiltered = filterNames.some((name) => query[name]);
  return (
    <Filters label="Filter deliveries">
      <label>
        Status
        <select
          value={query.status ?? ''}
          onChange={({ currentTarget }) => set({ status: currentTarget.value })}
        >
          <option value="">any</option>
          {statuses.map((status) => (
            <option key={status}>{status}</option>
          ))}
        </select>
      </label>
      <TextFilter name="reason" label="Reason" query={query} set={set} />
      <TextFilter name="source" label="Source" query={query} set={set} />
      <TextFilter name="customer" label="Customer" query={query} set={set} isFirst />
      <TextFilter name="field" label="Field" query={query} set={set} />
      <TextFilter name="record" label="Record id" query={query} set={set} />
      <TimeFilter name="since" label="Since" query={query} set={set} />
      <TimeFilter name="until" label="Until" query={query} set={set} />
      {isFiltered && (
        <button
          type="button"
          class="quiet"
          onClick={() => set(Object.fromEntries(filterNames.map((name) => [name, undefined])))}
        >
          Clear
        </button>
      )}
    </Filters>
  );
}

interface FilterProps extends FiltersProps {
  readonly name: (typeof filterNames)[number];
  readonly label: string;
  /** The key `/` leads to it. */
  readonly isFirst?: boolean;
}

/** Asked for when it is left or entered, not at each letter. */
function TextFilter({ name, label, query, set, isFirst }: FilterProps) {
  const kept = query[name] ?? '';
  const [text, setText] = useState(kept);
  useEffect(() => setText(kept), [kept]);
  return (
    <label>
      {label}
      <input
        type="search"
        autocomplete="off"
        spellcheck={false}
        value={text}
        {...(isFirst && { 'data-key': '/' })}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onChange={() => set({ [name]: text.trim() })}
      />
    </label>
  );
}

/** Typed in the viewer's zone; the address has UTC, which is the same for everybody. */
function TimeFilter({ name, label, query, set }: FilterProps) {
  const kept = query[name];
  return (
    <label>
      {label}
      <input
        type="datetime-local"
        value={kept ? localText(new Date(kept)) : ''}
        onChange={({ currentTarget: { value } }) =>
          set({ [name]: value ? new Date(value).toISOString() : undefined })
        }
      />
    </label>
  );
}

/** As `datetime-local` wants it. */
function localText(date: Date): string {
  if (Number.isNaN(date.getTime())) return '';
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
