/** A problem answer (RFC 9457), or no answer at all (`status` 0). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly body: Record<string, unknown> = {},
  ) {
    super(detail || title);
  }

  /** The field at fault, where the server names one. */
  get field(): string | undefined {
    return typeof this.body.field === 'string' ? this.body.field : undefined;
  }
}

/** One request to our own origin. A failed answer is thrown as a `Problem`. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('Accept', 'application/json');
  if (init.method && init.method !== 'GET') headers.set('X-Misto', '1');
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers });
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new Problem(0, 'offline', '');
  }
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => ({}));
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  throw new Problem(
    response.status,
    typeof fields.title === 'string' ? fields.title : response.statusText,
    typeof fields.detail === 'string' ? fields.detail : '',
    fields,
  );
}

export async function getJson<T>(path: string, init: RequestInit = {}): Promise<T> {
  return (await request(path, init)).json() as Promise<T>;
}

export function jsonBody(method: 'POST' | 'PUT', value: unknown, type = 'application/json'): RequestInit {
  return { method, headers: { 'Content-Type': type }, body: JSON.stringify(value) };
}
