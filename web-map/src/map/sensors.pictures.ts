import type { FixState, Level } from '../api/types.ts';
import { picture, type Picture } from './canvas.ts';
import type { Palette } from './palette.ts';

/** A plate with the value; a disc, triangle or square tells the level, hollow when out of date. */
export interface Plate {
  text: string;
  level: Level | '';
  state: FixState;
}

export const plateId = ({ text, level, state }: Plate) => `sensor|${level}|${state}|${text}`;

export function parsePlate(id: string): Plate | undefined {
  const [group, level, state, text] = id.split('|');
  if (group !== 'sensor' || text === undefined) return undefined;
  return { level: level as Plate['level'], state: state as FixState, text };
}

const FONT = '650 13px Onest, sans-serif';

export function drawPlate({ text, level, state }: Plate, p: Palette): Picture {
  const ruler = document.createElement('canvas').getContext('2d');
  if (ruler) ruler.font = FONT;
  const room = level ? 18 : 0;
  const width = (ruler?.measureText(text).width ?? text.length * 8) + room + 18;
  return picture(width + 6, 34, (c) => {
    c.beginPath();
    c.roundRect(-width / 2, -13, width, 26, 7);
    c.fillStyle = p.paper;
    c.fill();
    c.strokeStyle = state === 'live' ? p.ink : p.muted;
    c.lineWidth = 1.4;
    if (state === 'lost') c.setLineDash([3, 3]);
    c.stroke();
    c.setLineDash([]);
    if (level) levelSign(c, level, -width / 2 + 15, state === 'live', p);
    c.font = FONT;
    c.textBaseline = 'middle';
    c.textAlign = 'left';
    c.fillStyle = state === 'live' ? p.ink : p.muted;
    c.fillText(text, -width / 2 + 9 + room, 0.5);
  });
}

function levelSign(c: CanvasRenderingContext2D, level: Level, x: number, filled: boolean, p: Palette) {
  c.beginPath();
  if (level === 'good') c.arc(x, 0, 5, 0, Math.PI * 2);
  if (level === 'moderate') {
    c.moveTo(x, -5.5);
    c.lineTo(x + 6, 5);
    c.lineTo(x - 6, 5);
    c.closePath();
  }
  if (level === 'bad') c.rect(x - 5, -5, 10, 10);
  const color = { good: p.fits, moderate: p.help, bad: p.no }[level];
  c.fillStyle = c.strokeStyle = color;
  c.lineWidth = 1.8;
  if (filled) c.fill();
  else c.stroke();
}
