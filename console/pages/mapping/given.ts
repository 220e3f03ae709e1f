/** What a mapping is tried with: a recorded delivery as it came, or what somebody pasted. */
export interface Given {
  /** The payload as it stands in the page. */
  readonly text: string;
  /** The recorded delivery whose payload it is, as long as nobody changed it. */
  readonly recorded?: { readonly deliveryId: string; readonly text: string } | undefined;
  /** `Name: value`, one a line. */
  readonly headers: string;
  /** It is a record as the vendor's API gives it, not a webhook. */
  readonly isRecord: boolean;
}

export const nothingGiven: Given = { text: '', headers: '', isRecord: false };

/** The body of `POST /api/preview/{source}/draft`. A payload goes as JSON if it is that: a vendor may send XML or a form. */
export function draftOf(
  { text, recorded, headers, isRecord }: Given,
  mapping: string | undefined,
): Readonly<Record<string, unknown>> {
  const own = mapping === undefined ? {} : { mapping };
  if (recorded && recorded.text === text) return { deliveryId: recorded.deliveryId, ...own };
  const named = headersOf(headers);
  return {
    ...payloadOf(text),
    ...(Object.keys(named).length > 0 && { headers: named }),
    ...(isRecord && { record: true }),
    ...own,
  };
}

function payloadOf(text: string): { readonly payload: unknown } | { readonly body: string } {
  try {
    return { payload: JSON.parse(text) };
  } catch {
    return { body: text };
  }
}

/** Lines without a colon are no headers. */
export function headersOf(text: string): Record<string, string> {
  const lines = text.split('\n').map((line) => /^\s*([^:\s]+)\s*:\s*(.*?)\s*$/.exec(line));
  return Object.fromEntries(lines.flatMap((found) => (found ? [[found[1], found[2]]] : [])));
}
