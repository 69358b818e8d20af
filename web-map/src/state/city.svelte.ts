import { fetchCity } from '../api/city.ts';
import { Problem } from '../api/http.ts';
import type { City } from '../api/types.ts';
import { setTimeZone } from '../i18n/format.ts';
import { keep, kept } from './kept.ts';

let value = $state.raw<City | undefined>();
let failure = $state.raw<unknown>();

export const city = {
  get value(): City | undefined {
    return value;
  },
  get failure(): unknown {
    return failure;
  },
  async load() {
    try {
      value = await fetchCity();
      keep('city', value, new Date());
      failure = undefined;
    } catch (cause) {
      // Without connection a city that was seen before still has its place and its time zone.
      value ??= cause instanceof Problem && cause.status === 0 ? kept<City>('city')?.value : undefined;
      failure = value ? undefined : cause;
    }
    if (value) setTimeZone(value.time_zone);
  },
};
