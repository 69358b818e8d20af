import type { LonLat } from '../../api/types.ts';

// Where the reader is, only when they asked; it never leaves the device.

let here = $state.raw<LonLat | undefined>();
let refused = $state(false);

export const place = {
  get here() {
    return here;
  },
  get refused() {
    return refused;
  },
  /** Whether this page may ask at all (a browser refuses on insecure pages). */
  possible: window.isSecureContext && 'geolocation' in navigator,
  find(): Promise<LonLat | undefined> {
    return new Promise((resolve) =>
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          refused = false;
          here = [coords.longitude, coords.latitude];
          resolve(here);
        },
        () => {
          refused = true;
          resolve(undefined);
        },
        { enableHighAccuracy: true, timeout: 10_000, maximumAge: 60_000 },
      ),
    );
  },
};
