import type { Map as MapLibre } from 'maplibre-gl';
import type { Verdict } from '../api/types.ts';
import type { Picture } from './canvas.ts';
import type { Palette } from './palette.ts';
import { drawPlate, parsePlate } from './sensors.pictures.ts';
import { drawDot, drawNose, drawSign, kindColor, parseSign } from './vehicles.pictures.ts';
import { drawCategory, drawVerdict } from './venues.pictures.ts';

/** Draws the picture that an id describes; nothing for ids of others. */
function draw(id: string, p: Palette): Picture | undefined {
  const [group, rest = ''] = id.split('|');
  switch (group) {
    case 'vehicle': {
      const sign = parseSign(id);
      return sign && drawSign(sign, p);
    }
    case 'dotvehicle': {
      const sign = parseSign(id.slice('dot'.length));
      return sign && drawDot(sign, p);
    }
    case 'nose':
      return drawNose(kindColor(p, rest), p);
    case 'verdict':
      return drawVerdict(rest as Verdict, p);
    case 'category':
      return drawCategory(rest, p);
    case 'sensor': {
      const plate = parsePlate(id);
      return plate && drawPlate(plate, p);
    }
    default:
      return undefined;
  }
}

/** Pictures are made when first needed and made again when the palette changes. */
export function supplyPictures(map: MapLibre, palette: () => Palette) {
  map.setMissingStyleImageResolver((id) => {
    const made = draw(id, palette());
    if (made && !map.hasImage(id)) map.addImage(id, made.data, { pixelRatio: made.pixelRatio });
  });
}

export function redrawPictures(map: MapLibre, palette: Palette) {
  for (const id of map.listImages()) {
    const made = draw(id, palette);
    if (made) map.updateImage(id, made.data);
  }
}
