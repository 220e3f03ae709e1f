import { country } from './country.ts';
import { date } from './date.ts';
import { language } from './language.ts';
import { phone } from './phone.ts';
import { region } from './region.ts';

/** The functions that a mapping can call, by name without the `$`. */
export const mappingFunctions = { country, date, language, phone, region } as const;
