/** What a reason means and what to do about it, by its code: as docs/operations.md says it. */
export const whatToDo: Readonly<Record<string, string>> = {
  unmappable:
    'The mapping makes no valid change of it. Correct the mapping (try it under Mapping) or the sender, deploy, replay.',
  rejected: 'DirectScale refused the values. Correct the record in the source: that sends a new change.',
  'customer-not-found':
    'DirectScale has no such customer. Correct the id, link the record, or create the customer, then replay.',
  'customer-ambiguous':
    'Several customers have the value that was looked up. Link the record to the right one, then replay.',
  'address-incomplete': 'Nobody knows the rest of the address. Save the whole address in the source.',
  'for-a-person':
    'The vendor asks to delete or to anonymize somebody. The relay never does that by itself: decide.',
  'retries-exhausted':
    'It failed once more than the schedule has delays. If DirectScale works again, replay.',
  'too-large': 'One change of more than about 700 kB. Send less.',
  'storage-refused':
    'The storage account refuses to keep it. Read the log of the function apply, then replay.',
  poison: 'The function crashed at it several times. Read the log of the function apply, repair, replay.',
  'unreadable-message':
    'Somebody put a message into the queue that is not one of the relay’s. It cannot be replayed.',
  overtaken: 'An older call may have come after it, so it is sent again.',
  throttled: 'DirectScale asks to call less often.',
  quota: 'The quota of the subscription is used up.',
  'server-error': 'DirectScale failed. It is tried again by the schedule.',
  'no-answer': 'DirectScale gave no answer. It is tried again by the schedule.',
  timeout: 'DirectScale answered too late. It is tried again by the schedule.',
  'key-rejected':
    'DirectScale refuses the subscription key: put the right one into the vault. Nothing is lost.',
  forbidden: 'DirectScale forbids the call: check the subscription and its IP rules.',
  'not-the-api': 'The DirectScale address is not that of the API: check the settings.',
  'customer-busy': 'Another change to this customer was being written.',
  'newer-change-in-doubt': 'A newer change to the same fields must be settled first.',
  'too-many-writes': 'Two systems seem to overwrite each other at this customer. Find out which.',
};
