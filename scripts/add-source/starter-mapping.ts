/** What a mapping of one's own begins with. */
export const starterMapping = `/* The payload of the source to one change, or an array of them: see README.md, Map fields. */
{
  "customer": { "customerId": $string(customer_id) },
  "occurredAt": updated_at,
  "fields": {
    "FirstName": first_name,
    "LastName": last_name
  }
}
`;
