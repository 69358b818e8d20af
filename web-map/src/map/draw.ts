import type { Map as MapLibre } from 'maplibre-gl';
import {
  TerraDraw,
  TerraDrawLineStringMode,
  TerraDrawPointMode,
  TerraDrawPolygonMode,
  TerraDrawSelectMode,
  type GeoJSONStoreFeatures,
  type GeoJSONStoreGeometries,
  type HexColor,
} from 'terra-draw';
import { TerraDrawMapLibreGLAdapter } from 'terra-draw-maplibre-gl-adapter';
import type { Palette } from './palette.ts';
import { joinParts, splitParts } from './parts.ts';
import { DRAWING_PREFIX } from './style.ts';

export type DrawTool = 'point' | 'linestring' | 'polygon';
export interface DrawEvents {
  /** The shape in hand changed and came to rest; `undefined` while nothing is drawn. */
  changed(geometry: GeoJSON.Geometry | undefined): void;
}

/** Drawing and moving of one feature at a time. */
export interface Draw {
  on(events: DrawEvents): void;
  /** Begins a new shape. */
  draw(tool: DrawTool): void;
  /** Takes an existing shape in hand to move it or its vertices. */
  edit(geometry: GeoJSON.Geometry): void;
  /** Lets go; the map picks features again. */
  release(): void;
  stop(): void;
}

const vertices = {
  feature: { draggable: true, coordinates: { draggable: true, midpoints: true, deletable: true, snappable: true } },
};
const snapping = { toLine: true, toCoordinate: true };
const COORDINATE_DIGITS = 9;

export function startDrawing(map: MapLibre, palette: () => Palette, busy: (drawing: boolean) => void): Draw {
  const p = palette();
  const color = p.accent as HexColor;
  const paper = p.paper as HexColor;
  const point = { pointColor: color, pointWidth: 7, pointOutlineColor: paper, pointOutlineWidth: 2 };
  const draw = new TerraDraw({
    adapter: new TerraDrawMapLibreGLAdapter({ map, prefixId: DRAWING_PREFIX, coordinatePrecision: COORDINATE_DIGITS }),
    modes: [
      new TerraDrawPointMode({ styles: point }),
      new TerraDrawLineStringMode({
        snapping,
        styles: { lineStringColor: color, lineStringWidth: 3, closingPointColor: color },
      }),
      new TerraDrawPolygonMode({
        snapping,
        styles: { fillColor: color, fillOpacity: 0.2, outlineColor: color, outlineWidth: 3, closingPointColor: color },
      }),
      new TerraDrawSelectMode({
        flags: { point: { feature: { draggable: true } }, linestring: vertices, polygon: vertices },
        allowManualDeselection: false,
        keyEvents: null,
        styles: {
          selectedPointColor: color,
          selectedPointWidth: 8,
          selectedPointOutlineColor: paper,
          selectedPointOutlineWidth: 3,
          selectedLineStringColor: color,
          selectedLineStringWidth: 4,
          selectedPolygonColor: color,
          selectedPolygonFillOpacity: 0.22,
          selectedPolygonOutlineColor: color,
          selectedPolygonOutlineWidth: 3,
          selectionPointColor: paper,
          selectionPointWidth: 6,
          selectionPointOutlineColor: color,
          selectionPointOutlineWidth: 3,
          midPointColor: color,
          midPointWidth: 4,
          midPointOutlineColor: paper,
          midPointOutlineWidth: 2,
        },
      }),
    ],
  });
  draw.start();

  let events: DrawEvents | undefined;
  let kind: GeoJSON.Geometry['type'] = 'Point';
  const shapes = () => draw.getSnapshot().filter(({ properties }) => isShape(properties));
  const tell = () =>
    events?.changed(
      joinParts(
        kind,
        shapes().map(({ geometry }) => geometry),
      ),
    );

  draw.on('finish', (id, { action }) => {
    if (action === 'draw') {
      kind = draw.getSnapshotFeature(id)?.geometry.type ?? kind;
      draw.selectFeature(id);
    }
    tell();
  });

  return {
    on: (next) => (events = next),
    draw(tool) {
      draw.clear();
      draw.setMode(tool);
      busy(true);
    },
    edit(geometry) {
      kind = geometry.type;
      draw.setMode('select');
      draw.clear();
      const parts = splitParts(geometry).map((part) => shape(part));
      const added = draw.addFeatures(parts);
      const first = added.find(({ valid }) => valid)?.id;
      if (first !== undefined) draw.selectFeature(first);
      busy(true);
    },
    release() {
      draw.clear();
      draw.setMode('select');
      busy(false);
    },
    stop() {
      draw.stop();
      busy(false);
    },
  };
}

const MODES = { Point: 'point', LineString: 'linestring', Polygon: 'polygon' } as const;

/** Coordinates as the drawing tool accepts them: two numbers with at most nine decimals. */
function shape(geometry: GeoJSONStoreGeometries): GeoJSONStoreFeatures {
  const round = (value: unknown): unknown =>
    Array.isArray(value)
      ? typeof value[0] === 'number'
        ? value.slice(0, 2).map((n: number) => Number(n.toFixed(COORDINATE_DIGITS)))
        : value.map(round)
      : value;
  return {
    type: 'Feature',
    geometry: { ...geometry, coordinates: round(geometry.coordinates) } as GeoJSONStoreGeometries,
    properties: { mode: MODES[geometry.type] },
  };
}

/** The tool keeps its own handles among the features; they are no part of the shape. */
function isShape(properties: Record<string, unknown>): boolean {
  return !['selectionPoint', 'midPoint', 'closingPoint', 'snappingPoint', 'coordinatePoint', 'currentlyDrawing'].some(
    (name) => properties[name],
  );
}
