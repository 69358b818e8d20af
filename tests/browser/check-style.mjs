// Checks a style with MapLibre's own validator; prints what is wrong and ends with 1.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../web-map/package.json', import.meta.url));
const { validateStyleMin } = require('@maplibre/maplibre-gl-style-spec');

const errors = validateStyleMin(JSON.parse(readFileSync(process.argv[2], 'utf8')));
for (const error of errors) console.log(error.message);
process.exit(errors.length > 0 ? 1 : 0);
