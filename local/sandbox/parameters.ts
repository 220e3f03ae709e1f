import * as z from 'zod';

// Written apart from the relay's own schema on purpose: a mistake there must not be repeated here.
const address = z.strictObject({
  Street1: z.string(),
  Street2: z.string(),
  City: z.string(),
  Region: z.string(),
  PostalCode: z.string(),
  CountryCode: z.string(),
});

const parameters = z
  .strictObject({
    WebAlias: z.string(),
    Username: z.string(),
    CustomerType: z.int(),
    CustomerStatus: z.int(),
    BirthDate: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/, { error: 'not a date-time' }),
    CompanyName: z.string(),
    EmailAddress: z.string(),
    PrimaryAddress: address,
    DefaultShippingAddress: address,
    FirstName: z.string(),
    LanguageCode: z.string(),
    LastName: z.string(),
    PrimaryPhone: z.string(),
    SecondaryPhone: z.string(),
    // The admin shows all but four digits as asterisks; only the whole value can be written.
    TaxId: z.string().regex(/^[^*]*$/, { error: 'is masked' }),
    TextPhone: z.string(),
    AssociateCustom: z.record(z.string().regex(/^Field\d+$/), z.string()),
  })
  .partial();

/** The body of one UpdateCustomerByParameter call. */
export type Parameters = z.infer<typeof parameters>;

/** The parameters in a request's body, or what is wrong with it: names, never values. */
export function readParameters(body: string): { parameters: Parameters } | { problem: string } {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { problem: 'The request body is empty or not JSON.' };
  }
  const parsed = parameters.safeParse(json);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `${issue.path.map(String).join('.')} ${issue.message}`,
    );
    return { problem: problems.join('; ').trim() };
  }
  // Not documented. An update without a parameter is a mistake of the caller that should be seen here.
  if (Object.keys(parsed.data).length === 0) return { problem: 'No parameter to update.' };
  return { parameters: parsed.data };
}
