import { readSetting, writeSetting } from '../../state/storage.ts';
import { parseReminder, type Reminder } from './reminder.ts';

// The one reminder of this device. It survives a reload in the bus.

let current = $state.raw<Reminder | undefined>(parseReminder(readSetting('reminder')));

export const reminder = {
  get value(): Reminder | undefined {
    return current;
  },
  set(next: Reminder | undefined) {
    current = next;
    writeSetting('reminder', next ? JSON.stringify(next) : null);
  },
};
