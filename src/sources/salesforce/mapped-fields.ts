const mappedField =
  /^((First|Last)Name|(Person)?(Email|MobilePhone|Birthdate)|Phone|DirectScale_\w+|(Mailing|Billing|Shipping|PersonMailing)(Street|City|PostalCode|(State|Country)(Code)?))$/;

/** Whether the shipped mapping reads a field: when it changed, its value must be told. */
export function isMapped(field: string): boolean {
  return mappedField.test(field);
}
