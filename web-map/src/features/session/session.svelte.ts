import { fetchSession, signIn, signOut } from '../../api/city.ts';
import type { Role, Session } from '../../api/types.ts';

let session = $state.raw<Session | undefined>();
let failure = $state.raw<unknown>();

export const current = {
  get value(): Session | undefined {
    return session;
  },
  get failure(): unknown {
    return failure;
  },
  async load() {
    try {
      session = await fetchSession();
      failure = undefined;
    } catch (cause) {
      failure = cause;
    }
  },
  async enter(token: string) {
    await signIn(token);
    await current.load();
  },
  async leave() {
    await signOut();
    session = { signed_in: false };
  },
};

/** An administrator may do what every other role may. */
export const may = (role: Role, wanted: Role) => role === wanted || role === 'admin';
