import type { Pictogram } from '../ui/pictograms.ts';

/** Pixels of a picture for each pixel of the style: sharp on dense screens. */
export const PIXEL_RATIO = 2;

export interface Picture {
  data: ImageData;
  pixelRatio: number;
}

/** Draws in a canvas of `width` × `height` style pixels, the origin in its middle. */
export function picture(width: number, height: number, draw: (c: CanvasRenderingContext2D) => void): Picture {
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil(width * PIXEL_RATIO);
  canvas.height = Math.ceil(height * PIXEL_RATIO);
  const c = canvas.getContext('2d', { willReadFrequently: true });
  if (!c) return { data: new ImageData(1, 1), pixelRatio: 1 };
  c.scale(PIXEL_RATIO, PIXEL_RATIO);
  c.translate(width / 2, height / 2);
  c.lineJoin = 'round';
  c.lineCap = 'round';
  draw(c);
  return { data: c.getImageData(0, 0, canvas.width, canvas.height), pixelRatio: PIXEL_RATIO };
}

/** A pictogram of `size` style pixels with its middle at x, y. */
export function stamp(
  c: CanvasRenderingContext2D,
  { d, size: box }: Pictogram,
  x: number,
  y: number,
  size: number,
  color: string,
) {
  c.save();
  c.translate(x - size / 2, y - size / 2);
  c.scale(size / box, size / box);
  c.fillStyle = color;
  c.fill(new Path2D(d));
  c.restore();
}
