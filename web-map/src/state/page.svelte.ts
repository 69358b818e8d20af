// What is open is written in the address, so that "back" and a shared link work.

let search = $state(new URLSearchParams(location.search));

window.addEventListener('popstate', () => (search = new URLSearchParams(location.search)));

function address(params: URLSearchParams) {
  // Keep ids readable: `:` and `/` need no escaping in a query.
  const text = params.toString().replaceAll('%3A', ':').replaceAll('%2F', '/');
  return `${location.pathname}${text ? `?${text}` : ''}${location.hash}`;
}

export const page = {
  get(name: string): string | null {
    return search.get(name);
  },
  /** Changes members of the query; `null` removes one. A new entry in the history unless `replace`. */
  go(changes: Record<string, string | null>, replace = false) {
    const next = new URLSearchParams(search);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) next.delete(name);
      else next.set(name, value);
    }
    if (next.toString() === search.toString()) return;
    const depth = (history.state as { depth?: number } | null)?.depth ?? 0;
    history[replace ? 'replaceState' : 'pushState']({ depth: replace ? depth : depth + 1 }, '', address(next));
    search = next;
  },
  /** Back to where the reader came from, or to the given place when the link was opened directly. */
  back(otherwise: Record<string, null>) {
    if ((history.state as { depth?: number } | null)?.depth) history.back();
    else page.go(otherwise, true);
  },
  /** Where the map stands, as `#zoom/lat/lon`; never a new entry in the history. */
  keepView(zoom: number, lon: number, lat: number) {
    const hash = `#${zoom.toFixed(1)}/${lat.toFixed(5)}/${lon.toFixed(5)}`;
    history.replaceState(history.state, '', `${location.pathname}${location.search}${hash}`);
  },
  view(): { zoom: number; center: [number, number] } | undefined {
    const [zoom, lat, lon] = location.hash.slice(1).split('/').map(Number);
    if (zoom === undefined || lat === undefined || lon === undefined) return undefined;
    if (![zoom, lat, lon].every(Number.isFinite) || Math.abs(lat) > 85 || Math.abs(lon) > 180) return undefined;
    return { zoom, center: [lon, lat] };
  },
};
