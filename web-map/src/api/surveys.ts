import { getJson, jsonBody, request } from './http.ts';

export const ANSWERS = ['yes', 'no', 'not_applicable'] as const;
export type Answer = (typeof ANSWERS)[number];
export type Outcome = 'barrier_free' | 'partly' | 'barriers' | 'incomplete';

export interface Criterion {
  id: string;
  uk: string;
  en: string;
  critical: boolean;
}
export interface Survey {
  venue: number;
  date: string;
  answers: Record<string, Answer>;
  remark?: string;
  result: { outcome: Outcome };
  version: number;
}
export interface Surveys {
  card: { uk: string; en: string; source: string; source_uk: string; criteria: Criterion[] };
  surveys: Survey[];
  measured: Record<string, Answer>;
}

export const fetchSurveys = (venue: number) => getJson<Surveys>(`/access/venues/${venue}/surveys`);

/** Keeps the survey of a day, over the one that was read where there was one. */
export async function keepSurvey(
  venue: number,
  date: string,
  survey: { answers: Record<string, Answer>; remark?: string },
  over: number | undefined,
): Promise<Survey> {
  const init = jsonBody('PUT', survey);
  const headers = new Headers(init.headers);
  if (over !== undefined) headers.set('If-Match', `"${over}"`);
  const answer = await request(`/dispatch/access/venues/${venue}/surveys/${date}`, { ...init, headers });
  return answer.json() as Promise<Survey>;
}
