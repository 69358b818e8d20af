import { getJson, jsonBody, request } from './http.ts';

export type ReportState = 'open' | 'confirmed' | 'accepted' | 'refused' | 'expired';
export type ReportKind = 'measurement' | 'blocked' | 'clear' | 'lift_broken' | 'lift_works' | 'other';
export type About = 'venue' | { entrance: number } | { lift: number };

/** What somebody tells of a place; who tells it is a random number of the device. */
export interface Told {
  kind: ReportKind;
  about?: About;
  attribute?: string;
  value?: number | boolean;
  how?: string;
  note?: string;
  reported_at: string;
}

/** A report that stands, as everybody reads it. */
export interface StandingReport {
  id: string;
  venue: number;
  about: About;
  kind: ReportKind;
  attribute?: string;
  value?: number | boolean;
  how?: string;
  state: ReportState;
  counts: boolean;
  reported_at: string;
  last_seen_at: string;
  seen_by: number;
  ends_at?: string;
  photo?: string;
  present?: number | boolean;
  by?: number;
}

/** The same for staff. */
export interface DeskReport extends StandingReport {
  version: number;
  venue_name?: string;
  note?: string;
  received_at: string;
  decision?: { by?: string; at: string; reason?: string };
}

/** Who tells is nobody: no cookie goes with it. */
const nobody: RequestInit = { credentials: 'omit' };

export const fetchReports = async (venue: string) =>
  (await getJson<{ reports: StandingReport[] }>(`/access/venues/${encodeURIComponent(venue)}/reports`, nobody)).reports;

export async function sendPhoto(photo: Blob): Promise<string> {
  const init: RequestInit = { ...nobody, method: 'POST', headers: { 'Content-Type': photo.type }, body: photo };
  return ((await (await request('/access/photos', init)).json()) as { id: string }).id;
}

export const sendReport = (venue: string, body: Told & { key: string; device: string; photo?: string }) =>
  request(`/access/venues/${encodeURIComponent(venue)}/reports`, { ...nobody, ...jsonBody('POST', body) });

export const confirmReport = (id: string, device: string) =>
  request(`/access/reports/${encodeURIComponent(id)}/confirm`, { ...nobody, ...jsonBody('POST', { device }) });

export const photoAddress = (id: string) => `/access/photos/${encodeURIComponent(id)}`;

export const fetchDesk = (states: ReportState[]) =>
  getJson<{ reports: DeskReport[]; total: number }>(`/dispatch/access/reports?state=${states.join(',')}`);

/** Decides about the version that was read; a `Problem` 412 when it changed since. */
export function decideReport({ id, version }: DeskReport, how: 'accept' | 'refuse', reason: string) {
  const init = jsonBody('POST', reason.trim() ? { reason: reason.trim() } : {});
  const headers = new Headers(init.headers);
  headers.set('If-Match', `"${version}"`);
  return request(`/dispatch/access/reports/${encodeURIComponent(id)}/${how}`, { ...init, headers });
}
