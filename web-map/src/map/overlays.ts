import type { SensorFeature, StopFeature, Verdict } from '../api/types.ts';
import { valueWords } from '../features/sensors/words.ts';
import type { Selection, VenueMark } from './handle.ts';
import { plateId } from './sensors.pictures.ts';

// Features of the API as the layers want them.

const point = (
  feature: { id: string; geometry: GeoJSON.Point },
  properties: Record<string, unknown>,
  selected: boolean,
): GeoJSON.Feature => ({
  type: 'Feature',
  geometry: feature.geometry,
  properties: { ...properties, id: feature.id, selected },
});

const isSelected = (selection: Selection | undefined, kind: Selection['kind'], id: string) =>
  selection?.kind === kind && selection.id === id;

export const stopFeatures = (stops: StopFeature[], selection: Selection | undefined) =>
  stops.map((stop) => point(stop, { name: stop.properties.name }, isSelected(selection, 'stop', stop.id)));

/** What fits lies on top of what does not. */
const ORDER: Record<Verdict, number> = { fits: 0, fits_with_help: 1, unknown: 2, does_not_fit: 3 };

export const venueFeatures = (venues: VenueMark[], selection: Selection | undefined) =>
  venues.map(({ venue, verdict }) => {
    const { category, name, name_en } = venue.properties;
    const picture = verdict ? `verdict|${verdict}` : `category|${category ?? ''}`;
    const order = verdict ? ORDER[verdict] : 0;
    return point(venue, { name, name_en, picture, order }, isSelected(selection, 'venue', venue.id));
  });

export const sensorFeatures = (sensors: SensorFeature[], selection: Selection | undefined) =>
  sensors.flatMap((sensor) => {
    const first = sensor.properties.observations[0];
    if (!first || !sensor.geometry) return [];
    const more = first.flags?.includes('ceiling') ? '≥ ' : '';
    const picture = plateId({
      text: more + valueWords(first),
      level: first.level ?? '',
      state: sensor.properties.state,
    });
    return [point(sensor, { picture }, isSelected(selection, 'sensor', sensor.id))];
  });
