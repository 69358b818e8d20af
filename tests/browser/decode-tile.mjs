// Prints a vector tile as JSON, read by Mapbox's own decoder: layer → features.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../web-map/package.json", import.meta.url));
const { VectorTile } = await import(require.resolve("@mapbox/vector-tile"));
const pbf = await import(require.resolve("pbf"));
const Reader = pbf.PbfReader ?? pbf.default;

const tile = new VectorTile(new Reader(readFileSync(process.argv[2])));
const layers = {};
for (const [name, layer] of Object.entries(tile.layers)) {
  layers[name] = [];
  for (let n = 0; n < layer.length; n += 1) {
    const { id, type, properties } = layer.feature(n);
    layers[name].push({ id, type, properties });
  }
}
console.log(JSON.stringify(layers));
