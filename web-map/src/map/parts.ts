type Simple = GeoJSON.Point | GeoJSON.LineString | GeoJSON.Polygon;

/** The drawing tool knows simple shapes only: a multi-shape is taken apart and put together again. */
export function splitParts(geometry: GeoJSON.Geometry): Simple[] {
  switch (geometry.type) {
    case 'MultiPoint':
      return geometry.coordinates.map((coordinates) => ({ type: 'Point', coordinates }));
    case 'MultiLineString':
      return geometry.coordinates.map((coordinates) => ({ type: 'LineString', coordinates }));
    case 'MultiPolygon':
      return geometry.coordinates.map((coordinates) => ({ type: 'Polygon', coordinates }));
    case 'GeometryCollection':
      return geometry.geometries.flatMap(splitParts);
    default:
      return [geometry];
  }
}

/** The parts as one geometry of the kind they came from; `undefined` when there are none. */
export function joinParts(kind: GeoJSON.Geometry['type'], parts: Simple[]): GeoJSON.Geometry | undefined {
  const [first] = parts;
  if (!first) return undefined;
  if (!kind.startsWith('Multi')) return first;
  return { type: kind, coordinates: parts.map(({ coordinates }) => coordinates) } as GeoJSON.Geometry;
}
