// What opens from the lists comes after them: the first screen is smaller, and all of it is there
// before anybody can press, also for a time without connection.

export const details = {
  venue: () => import('../features/venues/VenueDetail.svelte'),
  needs: () => import('../features/venues/NeedsPanel.svelte'),
  route: () => import('../features/routes/RouteDetail.svelte'),
  settings: () => import('../features/settings/SettingsPanel.svelte'),
};

/** Fetches everything that is not yet here, once the list stands. */
export function fetchDetails() {
  const all = () => Object.values(details).forEach((part) => void part().catch(() => undefined));
  if ('requestIdleCallback' in window) requestIdleCallback(all, { timeout: 3_000 });
  else setTimeout(all, 1_000);
}
