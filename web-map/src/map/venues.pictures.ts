import type { Verdict } from '../api/types.ts';
import { categoryPictogram, HAND } from '../ui/pictograms.ts';
import { picture, stamp, type Picture } from './canvas.ts';
import type { Palette } from './palette.ts';

const R = 11;

/** A place before anybody asked a question: its category. */
export function drawCategory(category: string, p: Palette): Picture {
  return picture(30, 30, (c) => {
    c.beginPath();
    c.arc(0, 0, R, 0, Math.PI * 2);
    c.fillStyle = p.paper;
    c.fill();
    c.strokeStyle = p.muted;
    c.lineWidth = 1.4;
    c.stroke();
    stamp(c, categoryPictogram(category), 0, 0, 13, p.ink);
  });
}

/** Each verdict has its own shape, so that colour is never the only sign. */
export function drawVerdict(verdict: Verdict, p: Palette): Picture {
  return picture(32, 32, (c) => VERDICTS[verdict](c, p));
}

type Draw = (c: CanvasRenderingContext2D, p: Palette) => void;
const VERDICTS: Record<Verdict, Draw> = {
  fits: (c, p) => {
    disc(c, p.fits, p);
    c.strokeStyle = p.paper;
    c.lineWidth = 2.6;
    c.beginPath();
    c.moveTo(-5, 0.5);
    c.lineTo(-1.4, 4);
    c.lineTo(5, -4);
    c.stroke();
  },
  fits_with_help: (c, p) => {
    disc(c, p.paper, p);
    c.fillStyle = c.strokeStyle = p.help;
    c.beginPath();
    c.arc(0, 0, R, Math.PI / 2, -Math.PI / 2);
    c.closePath();
    c.fill();
    c.lineWidth = 2.2;
    c.beginPath();
    c.arc(0, 0, R, 0, Math.PI * 2);
    c.stroke();
    // The hand lies on both halves, each part in the colour of the other.
    for (const [x, color] of [
      [-R, p.paper],
      [0, p.help],
    ] as const) {
      c.save();
      c.beginPath();
      c.rect(x, -R, R, 2 * R);
      c.clip();
      stamp(c, HAND, -0.5, 0, 13, color);
      c.restore();
    }
  },
  does_not_fit: (c, p) => {
    c.beginPath();
    c.roundRect(-R + 1, -R + 1, 2 * R - 2, 2 * R - 2, 4);
    c.strokeStyle = p.paper;
    c.lineWidth = 4;
    c.stroke();
    c.fillStyle = p.no;
    c.fill();
    c.strokeStyle = p.paper;
    c.lineWidth = 2.8;
    c.beginPath();
    c.moveTo(-5, 0);
    c.lineTo(5, 0);
    c.stroke();
  },
  unknown: (c, p) => {
    c.beginPath();
    c.arc(0, 0, R, 0, Math.PI * 2);
    c.fillStyle = p.paper;
    c.fill();
    c.strokeStyle = p.unknown;
    c.lineWidth = 1.8;
    c.setLineDash([3.2, 3.2]);
    c.stroke();
    c.setLineDash([]);
    c.font = '700 14px Onest, sans-serif';
    c.textAlign = 'center';
    c.textBaseline = 'middle';
    c.fillStyle = p.unknown;
    c.fillText('?', 0, 0.8);
  },
};

function disc(c: CanvasRenderingContext2D, fill: string, p: Palette) {
  c.beginPath();
  c.arc(0, 0, R, 0, Math.PI * 2);
  c.strokeStyle = p.paper;
  c.lineWidth = 4;
  c.stroke();
  c.fillStyle = fill;
  c.fill();
}
