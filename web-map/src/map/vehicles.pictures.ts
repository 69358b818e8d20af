import type { FixState } from '../api/types.ts';
import { kindPictogram, WHEELCHAIR } from '../ui/pictograms.ts';
import { picture, stamp, type Picture } from './canvas.ts';
import type { Palette } from './palette.ts';

/** What the picture of a vehicle tells; its text form is the picture's id. */
export interface Sign {
  kind: string;
  state: FixState;
  text: string;
  floor: 'low' | 'high' | 'unknown' | '';
}

const HEIGHT = 26;
const BODY = 22;
const FONT = '700 13px Onest, sans-serif';
const TRANSIT = new Set(['bus', 'trolleybus', 'tram', 'other_transit']);

export const signId = ({ kind, state, text, floor }: Sign) => `vehicle|${kind}|${state}|${floor}|${text}`;

export function parseSign(id: string): Sign | undefined {
  const [group, kind, state, floor, text] = id.split('|');
  if (group !== 'vehicle' || kind === undefined || text === undefined) return undefined;
  return { kind, state: state as FixState, floor: floor as Sign['floor'], text };
}

export function kindColor(p: Palette, kind: string): string {
  if (kind === 'trolleybus') return p.trolleybus;
  return TRANSIT.has(kind) ? p.bus : p.utility;
}

let ruler: CanvasRenderingContext2D | null | undefined;
function textWidth(text: string): number {
  ruler ??= document.createElement('canvas').getContext('2d');
  if (!ruler) return text.length * 8;
  ruler.font = FONT;
  return ruler.measureText(text).width;
}

/** Width of the body in style pixels. */
export function bodyWidth({ kind, text, floor, state }: Sign): number {
  if (!TRANSIT.has(kind)) return 26;
  const parts = (state === 'lost' ? 15 : 0) + (text ? textWidth(text) : 15) + (floor ? 16 : 0);
  return Math.max(28, parts + 14);
}

function outline(c: CanvasRenderingContext2D, kind: string, width: number) {
  c.beginPath();
  if (TRANSIT.has(kind)) {
    // Buses are round, trolleybuses square with two poles on the roof.
    c.roundRect(-width / 2, -BODY / 2, width, BODY, kind === 'bus' ? BODY / 2 : 5);
  } else {
    for (let i = 0; i < 6; i++) {
      const angle = (Math.PI / 3) * i + Math.PI / 6;
      c.lineTo(13 * Math.cos(angle), 13 * Math.sin(angle));
    }
    c.closePath();
  }
}

function floorSign(c: CanvasRenderingContext2D, floor: Sign['floor'], x: number, color: string) {
  if (floor === 'low') return stamp(c, WHEELCHAIR, x, 0, 14, color);
  c.strokeStyle = c.fillStyle = color;
  c.lineWidth = 1.8;
  if (floor === 'high') {
    c.beginPath();
    c.moveTo(x - 6, 5);
    c.lineTo(x - 2, 5);
    c.lineTo(x - 2, 0);
    c.lineTo(x + 2, 0);
    c.lineTo(x + 2, -5);
    c.lineTo(x + 6, -5);
    c.stroke();
    return;
  }
  c.lineWidth = 1.2;
  c.setLineDash([2, 2.2]);
  c.beginPath();
  c.arc(x, 0, 6.4, 0, Math.PI * 2);
  c.stroke();
  c.setLineDash([]);
  c.font = '700 10px Onest, sans-serif';
  c.textAlign = 'center';
  c.textBaseline = 'middle';
  c.fillText('?', x, 0.5);
}

function clockSign(c: CanvasRenderingContext2D, x: number, color: string) {
  c.strokeStyle = color;
  c.lineWidth = 1.5;
  c.beginPath();
  c.arc(x, 0, 5.2, 0, Math.PI * 2);
  c.moveTo(x, -3);
  c.lineTo(x, 0);
  c.lineTo(x + 2.2, 1.2);
  c.stroke();
}

export function drawSign(sign: Sign, p: Palette): Picture {
  const width = bodyWidth(sign);
  const color = sign.state === 'lost' ? p.muted : kindColor(p, sign.kind);
  const ink = sign.state === 'live' ? p.onVehicle : color;
  return picture(width + 8, HEIGHT + 12, (c) => {
    if (sign.kind === 'trolleybus') {
      c.strokeStyle = color;
      c.lineWidth = 2;
      c.beginPath();
      for (const x of [-4, 4]) {
        c.moveTo(x, -BODY / 2);
        c.lineTo(x + 4, -BODY / 2 - 5);
      }
      c.stroke();
    }
    outline(c, sign.kind, width);
    c.fillStyle = sign.state === 'live' ? color : p.paper;
    c.strokeStyle = p.paper;
    c.lineWidth = 4;
    c.stroke();
    c.fill();
    if (sign.state !== 'live') {
      c.strokeStyle = color;
      c.lineWidth = 2;
      if (sign.state === 'lost') c.setLineDash([3, 3]);
      c.stroke();
      c.setLineDash([]);
    }
    if (!TRANSIT.has(sign.kind)) {
      if (sign.state === 'lost') clockSign(c, 0, color);
      else stamp(c, kindPictogram(sign.kind), 0, 0, 15, ink);
      return;
    }
    let x = -width / 2 + 7;
    if (sign.state === 'lost') {
      clockSign(c, x + 5, color);
      x += 15;
    }
    if (sign.text) {
      c.font = FONT;
      c.textAlign = 'left';
      c.textBaseline = 'middle';
      c.fillStyle = ink;
      c.fillText(sign.text, x, 0.5);
      x += textWidth(sign.text);
    } else {
      stamp(c, kindPictogram(sign.kind), x + 7.5, 0, 15, ink);
      x += 15;
    }
    if (sign.floor) floorSign(c, sign.floor, x + 9, ink);
  });
}

/** The nose tells the heading; it stands above the middle and is turned by the layer. */
export function drawNose(color: string, p: Palette): Picture {
  return picture(20, 14, (c) => {
    c.beginPath();
    c.moveTo(0, -5);
    c.lineTo(6.5, 4);
    c.lineTo(-6.5, 4);
    c.closePath();
    c.strokeStyle = p.paper;
    c.lineWidth = 3;
    c.stroke();
    c.fillStyle = color;
    c.fill();
  });
}

export function drawDot(sign: Sign, p: Palette): Picture {
  const color = sign.state === 'lost' ? p.muted : kindColor(p, sign.kind);
  return picture(14, 14, (c) => {
    c.beginPath();
    if (sign.kind === 'bus') c.arc(0, 0, 4.5, 0, Math.PI * 2);
    else c.roundRect(-4, -4, 8, 8, 1.5);
    c.strokeStyle = p.paper;
    c.lineWidth = 3;
    c.stroke();
    c.fillStyle = sign.state === 'live' ? color : p.paper;
    c.fill();
    if (sign.state !== 'live') {
      c.strokeStyle = color;
      c.lineWidth = 1.6;
      c.stroke();
    }
  });
}

/**
 * Distance from the middle at which the nose stands: where a ray of this bearing leaves the body,
 * in steps that the layer knows.
 */
export function noseRadius(width: number, bearingDeg: number): number {
  const angle = (bearingDeg * Math.PI) / 180;
  const x = Math.abs(Math.sin(angle)) || 1e-6;
  const y = Math.abs(Math.cos(angle)) || 1e-6;
  const edge = Math.min(width / 2 / x, BODY / 2 / y);
  return NOSE_RADII.findLast((radius) => radius <= edge + 5) ?? 14;
}
export const NOSE_RADII = [14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 40];
