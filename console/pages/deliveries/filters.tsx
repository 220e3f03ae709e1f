import { Filters, TextFilter } from '../../parts/filters.tsx';

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
      <TextFilter label="Reason" value={query.reason} set={(reason) => set({ reason })} />
      <TextFilter label="Source" value={query.source} set={(source) => set({ source })} />
      <TextFilter label="Customer" value={query.customer} set={(customer) => set({ customer })} isFirst />
      <TextFilter label="Field" value={query.field} set={(field) => set({ field })} />
      <TextFilter label="Record id" value={query.record} set={(record) => set({ record })} />
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
  readonly name: 'since' | 'until';
  readonly label: string;
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
