/** An address as DirectScale reads it out. */
export interface CustomerAddress {
  AddressId: number;
  Street1: string;
  Street2: string;
  Street3: string;
  City: string;
  Region: string;
  PostalCode: string;
  CountryCode: string;
}

/** A customer as `GET /v1/customers/{customerId}` answers it (operation "Get Customers By Parameter"). */
export interface Customer {
  CustomerId: number;
  BackOfficeId: string;
  BirthDate: string;
  CompanyName: string;
  CustomerStatus: number;
  CustomerType: number;
  DefaultShippingAddress: CustomerAddress;
  EmailAddress: string;
  EnrollerId: number;
  ExternalReferenceId: string;
  FirstName: string;
  InactiveDate: string;
  LanguageCode: string;
  LastName: string;
  PrimaryAddress: CustomerAddress;
  PrimaryPhone: string;
  SecondaryPhone: string;
  SendEmails: boolean;
  SignupDate: string;
  SponsorId: number;
  TaxExemptId: string;
  TaxId: string;
  TermsAccepted: boolean;
  TextPhone: string;
  Username: string;
  WebAlias: string;
}

/** `Field1`, `Field2`, … of one customer. */
export type CustomFields = Record<string, string>;
