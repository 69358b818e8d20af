// What opens from the lists comes after them: the first screen is smaller, and all of it is there
// before anybody can press, also for a time without connection.

export const details = {
  search: () => import('../features/search/SearchResults.svelte'),
  stop: () => import('../features/stops/StopDetail.svelte'),
  vehicle: () => import('../features/vehicles/VehicleDetail.svelte'),
  sensor: () => import('../features/sensors/SensorDetail.svelte'),
  sensors: () => import('../features/sensors/SensorList.svelte'),
  venue: () => import('../features/venues/VenueDetail.svelte'),
  needs: () => import('../features/venues/NeedsPanel.svelte'),
  route: () => import('../features/routes/RouteDetail.svelte'),
  settings: () => import('../features/settings/SettingsPanel.svelte'),
};

/** Fetches everything that is not yet here. */
export function fetchDetails() {
  for (const part of Object.values(details)) void part().catch(() => undefined);
}
