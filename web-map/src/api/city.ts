import { getJson, jsonBody, request } from './http.ts';
import type { City, Session } from './types.ts';

export const fetchCity = () => getJson<City>('/api/city');
export const fetchSession = () => getJson<Session>('/auth/session');

/** Changes a bearer token for a session cookie; a `Problem` 401 when nobody knows the token. */
export async function signIn(token: string): Promise<void> {
  await request('/auth/login', jsonBody('POST', { token }));
}

export async function signOut(): Promise<void> {
  await request('/auth/logout', { method: 'POST' });
}
