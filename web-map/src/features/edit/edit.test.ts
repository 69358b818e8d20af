import { expect, test } from 'vitest';
import { coordinatesText, parseCoordinates } from './coordinates.ts';
import { fieldsOf, readField } from './fields.ts';
import { begin, change, differing, redo, undo } from './history.ts';
import { joinParts, splitParts } from '../../map/parts.ts';

const draft = (name: string) => ({ properties: { name } });

test('undo and redo walk through the draft', () => {
  let history = begin(draft('a'));
  history = change(history, draft('b'));
  history = change(history, draft('c'));
  expect(undo(undo(history)).present).toEqual(draft('a'));
  expect(redo(undo(history)).present).toEqual(draft('c'));
  expect(undo(begin(draft('a'))).present).toEqual(draft('a'));
});

test('typing in one field is one step', () => {
  let history = begin(draft(''));
  for (const text of ['к', 'ка', 'кав']) history = change(history, draft(text), 'name');
  expect(undo(history).present).toEqual(draft(''));
});

test('an absent attribute and null are the same unknown', () => {
  expect(differing({ a: null, b: 1 }, { b: 2 })).toEqual(['b']);
});

test('an empty field is unknown, never zero', () => {
  expect(readField({ kind: 'number' }, ' ')).toEqual({ value: null });
  expect(readField({ kind: 'number' }, '68,5')).toEqual({ value: 68.5 });
  expect(readField({ kind: 'integer' }, '1.5')).toEqual({ error: 'integer_bad' });
  expect(readField({ kind: 'number' }, 'wide')).toEqual({ error: 'number_bad' });
});

test('the form leaves out geometry', () => {
  const fields = fieldsOf({
    properties: {
      geometry: { 'x-ogc-role': 'primary-geometry' },
      steps: { type: ['integer', 'null'] },
      on: { type: 'string', format: 'date' },
    },
  });
  expect(fields.map(({ name, kind }) => [name, kind])).toEqual([
    ['steps', 'integer'],
    ['on', 'date'],
  ]);
});

test('coordinates survive being text', () => {
  const polygon: GeoJSON.Polygon = {
    type: 'Polygon',
    coordinates: [
      [
        [24.7, 48.9],
        [24.8, 48.9],
        [24.8, 49],
        [24.7, 48.9],
      ],
    ],
  };
  expect(parseCoordinates(coordinatesText(polygon) ?? '', 'Polygon')).toEqual({ geometry: polygon });
  expect(parseCoordinates('48.9, 24.7\n91, 24', 'LineString')).toEqual({ badLine: 2 });
  expect(parseCoordinates('48.9, 24.7', 'LineString')).toEqual({ badLine: 0 });
});

test('a shape of several parts keeps its kind', () => {
  const lines: GeoJSON.MultiLineString = {
    type: 'MultiLineString',
    coordinates: [
      [
        [0, 0],
        [1, 1],
      ],
      [
        [2, 2],
        [3, 3],
      ],
    ],
  };
  expect(joinParts('MultiLineString', splitParts(lines))).toEqual(lines);
  expect(joinParts('Point', [])).toBeUndefined();
});
