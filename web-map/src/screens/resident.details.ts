// What opens from the lists comes after them: the first screen is smaller, and all of it is there
// before anybody can press, also for a time without connection.

export const details = {
  venue: () => import('../features/venues/VenueDetail.svelte'),
  needs: () => import('../features/venues/NeedsPanel.svelte'),
  route: () => import('../features/routes/RouteDetail.svelte'),
  settings: () => import('../features/settings/SettingsPanel.svelte'),
};

/** Fetches everything that is not yet here. */
export function fetchDetails() {
  for (const part of Object.values(details)) void part().catch(() => undefined);
}
