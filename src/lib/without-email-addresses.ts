/** An e-mail address as far as it can be told in a text; lengths of RFC 5321, 4.5.3.1. */
const emailAddress = /[^\s@<>()[\]",;:]{1,64}@[^\s@<>()[\]",;:]{1,255}/g;

/** A text for a list: some senders' record ids are e-mail addresses, and notes name them. */
export function withoutEmailAddresses(text: string): string {
  return text.replace(emailAddress, '[e-mail address]');
}
