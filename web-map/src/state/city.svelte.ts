import { fetchCity } from '../api/city.ts';
import type { City } from '../api/types.ts';
import { setTimeZone } from '../i18n/format.ts';

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
      setTimeZone(value.time_zone);
      failure = undefined;
    } catch (cause) {
      failure = cause;
    }
  },
};
