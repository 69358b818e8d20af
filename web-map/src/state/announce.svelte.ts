// One polite region tells screen readers what changed; several would talk over each other.

const SETTLED_MS = 600;
let said = $state('');
let waiting: ReturnType<typeof setTimeout> | undefined;

export const announcement = {
  get text(): string {
    return said;
  },
};

/** Says a sentence once what led to it has come to rest; the same sentence is not said twice. */
export function announce(text: string) {
  clearTimeout(waiting);
  waiting = setTimeout(() => (said = text), SETTLED_MS);
}
