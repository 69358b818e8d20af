import bank from '@mapbox/maki/icons/bank.svg?raw';
import bus from '@mapbox/maki/icons/bus.svg?raw';
import cafe from '@mapbox/maki/icons/cafe.svg?raw';
import hospital from '@mapbox/maki/icons/hospital.svg?raw';
import library from '@mapbox/maki/icons/library.svg?raw';
import lodging from '@mapbox/maki/icons/lodging.svg?raw';
import marker from '@mapbox/maki/icons/marker.svg?raw';
import museum from '@mapbox/maki/icons/museum.svg?raw';
import pharmacy from '@mapbox/maki/icons/pharmacy.svg?raw';
import pitch from '@mapbox/maki/icons/pitch.svg?raw';
import post from '@mapbox/maki/icons/post.svg?raw';
import school from '@mapbox/maki/icons/school.svg?raw';
import shop from '@mapbox/maki/icons/shop.svg?raw';
import theatre from '@mapbox/maki/icons/theatre.svg?raw';
import townHall from '@mapbox/maki/icons/town-hall.svg?raw';
import bulldozer from '@rapideditor/temaki/icons/bulldozer.svg?raw';
import busStation from '@rapideditor/temaki/icons/board_bus.svg?raw';
import hand from '@rapideditor/temaki/icons/hand.svg?raw';
import snow from '@rapideditor/temaki/icons/snow.svg?raw';
import tram from '@rapideditor/temaki/icons/tram.svg?raw';
import trolleybus from '@rapideditor/temaki/icons/trolleybus.svg?raw';
import truck from '@rapideditor/temaki/icons/truck.svg?raw';
import vacuum from '@rapideditor/temaki/icons/vacuum.svg?raw';
import waste from '@rapideditor/temaki/icons/waste.svg?raw';
import wheelchair from '@rapideditor/temaki/icons/wheelchair_active.svg?raw';
import train from '@rapideditor/temaki/icons/train.svg?raw';
import tools from '@rapideditor/temaki/icons/tools.svg?raw';

/** A pictogram from Maki or Temaki (CC0): path data in a square of `size`. */
export interface Pictogram {
  d: string;
  size: number;
}

/** Line breaks within a path are written as `&#xA;`, which ends the path where it is no attribute of a document. */
const pathText = (attribute = '') => attribute.replaceAll(/&#x?[0-9a-f]+;/gi, ' ');
const pictogram = (svg: string): Pictogram => ({
  d: [...svg.matchAll(/\sd="([^"]+)"/g)].map(([, d]) => pathText(d)).join(''),
  size: Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1] ?? 15),
});

export const HAND = pictogram(hand);
export const WHEELCHAIR = pictogram(wheelchair);

const KINDS: Record<string, Pictogram> = {
  bus: pictogram(bus),
  trolleybus: pictogram(trolleybus),
  tram: pictogram(tram),
  other_transit: pictogram(train),
  plough: pictogram(bulldozer),
  spreader: pictogram(snow),
  waste_truck: pictogram(waste),
  sweeper: pictogram(vacuum),
  repair_crew: pictogram(tools),
  other_utility: pictogram(truck),
};
export const kindPictogram = (kind: string | undefined): Pictogram => KINDS[kind ?? ''] ?? pictogram(truck);

const CATEGORIES: Record<string, Pictogram> = {
  cafe: pictogram(cafe),
  pharmacy: pictogram(pharmacy),
  clinic: pictogram(hospital),
  school: pictogram(school),
  library: pictogram(library),
  shop: pictogram(shop),
  bank: pictogram(bank),
  post: pictogram(post),
  administration: pictogram(townHall),
  museum: pictogram(museum),
  theatre: pictogram(theatre),
  sport: pictogram(pitch),
  hotel: pictogram(lodging),
  bus_station: pictogram(busStation),
};
export const categoryPictogram = (category: string | undefined): Pictogram =>
  CATEGORIES[category ?? ''] ?? pictogram(marker);
export const CATEGORY_NAMES = Object.keys(CATEGORIES);
