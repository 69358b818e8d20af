import { readSetting, writeSetting } from './storage.ts';

export const THEMES = ['auto', 'light', 'dark'] as const;
export type ThemeChoice = (typeof THEMES)[number];
export type Theme = 'light' | 'dark';

const stored = THEMES.find((choice) => choice === readSetting('theme')) ?? 'auto';
const device = window.matchMedia('(prefers-color-scheme: dark)');
let choice = $state<ThemeChoice>(stored);
let deviceDark = $state(device.matches);

device.addEventListener('change', (event) => (deviceDark = event.matches));
apply(stored);

function apply(next: ThemeChoice) {
  if (next === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
}

export const theme = {
  get choice(): ThemeChoice {
    return choice;
  },
  get value(): Theme {
    if (choice !== 'auto') return choice;
    return deviceDark ? 'dark' : 'light';
  },
  set(next: ThemeChoice) {
    choice = next;
    writeSetting('theme', next === 'auto' ? null : next);
    apply(next);
  },
};
