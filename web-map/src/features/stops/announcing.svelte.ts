import { readSetting, writeSetting } from '../../state/storage.ts';

// Whether a screen reader is told of arrivals that change; kept on the device.

let on = $state(readSetting('announce') !== 'off');

export const announcing = {
  get on(): boolean {
    return on;
  },
  set(next: boolean) {
    on = next;
    writeSetting('announce', next ? null : 'off');
  },
};
