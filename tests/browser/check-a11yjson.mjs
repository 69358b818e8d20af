// Checks a file of places with A11yJSON's own schema (@sozialhelden/a11yjson); prints what is wrong,
// how many places it saw, and ends with 1 where one is wrong or none is there.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../web-map/package.json', import.meta.url));
const { getPlaceInfoSchemaDefinition } = require('@sozialhelden/a11yjson');
const beside = createRequire(require.resolve('@sozialhelden/a11yjson'));
const { default: SimpleSchema } = beside('@sozialhelden/simpl-schema');

const schema = new SimpleSchema(getPlaceInfoSchemaDefinition(), { humanizeAutoLabels: false });

// JSON has no dates; the schema wants the language's own.
const DATES = ['stateLastUpdate', 'plannedCompletionDate'];
const revived = (name, value) => (DATES.includes(name) && typeof value === 'string' ? new Date(value) : value);

const { type, features } = JSON.parse(readFileSync(process.argv[2], 'utf8'), revived);
let wrong = type === 'FeatureCollection' && features.length > 0 ? 0 : 1;
for (const { type: kind, ...place } of features) {
  const context = schema.newContext();
  context.validate(place);
  const errors = context.validationErrors();
  if (kind !== 'Feature') errors.push({ name: 'type', type: 'not GeoJSON' });
  for (const { name, type: why, value } of errors) {
    console.log(`${JSON.stringify(place.properties.name)}: ${name}: ${why} (${JSON.stringify(value)})`);
    wrong += 1;
  }
}
console.log(`${features.length} places, ${wrong} wrong`);
process.exit(wrong > 0 ? 1 : 0);
