import { describe, expect, test } from 'vitest';
import { calls, parseReminder, reminderState, TRUSTED_FOR_S } from './reminder.ts';

const stops = [
  { stop_id: 'a', name: 'Вокзал', along_m: 0 },
  { stop_id: 'b', name: 'Ринок', along_m: 500 },
  { stop_id: 'c', name: 'Парк', along_m: 1000 },
];

describe('the reminder to get off', () => {
  const at = (along_m: number, age_s = 5) => reminderState({ stopId: 'c' }, { pattern: { stops }, along_m, age_s });

  test('counts stops, calls one stop away, knows the stop and what lies behind it', () => {
    expect(at(100)).toEqual({ state: 'waiting', stops: 2 });
    expect(at(505)).toEqual({ state: 'next' });
    expect(at(1010)).toEqual({ state: 'here' });
    expect(at(1300)).toEqual({ state: 'passed' });
  });

  test('does not trust an old position, whatever it says', () => {
    expect(at(505, TRUSTED_FOR_S)).toEqual({ state: 'next' });
    expect(at(505, TRUSTED_FOR_S + 1)).toEqual({ state: 'old', age_s: TRUSTED_FOR_S + 1 });
  });

  test('a vehicle that is on no line, or on one without the stop, is gone', () => {
    expect(reminderState({ stopId: 'c' }, undefined)).toEqual({ state: 'gone' });
    expect(reminderState({ stopId: 'z' }, { pattern: { stops }, along_m: 0, age_s: 0 })).toEqual({ state: 'gone' });
  });

  test('calls once a stop, and also when it was reached or missed unseen', () => {
    expect(calls('waiting', 'next')).toBe(true);
    expect(calls('next', 'next')).toBe(false);
    expect(calls('next', 'here')).toBe(false);
    expect(calls('old', 'here')).toBe(true);
    expect(calls('here', 'passed')).toBe(true);
    expect(calls('waiting', 'old')).toBe(false);
  });

  test('reads only a whole reminder back', () => {
    const whole = { route: 'B1', vehicle: 'v', stopId: 'c', stopName: 'Парк' };
    expect(parseReminder(JSON.stringify(whole))).toEqual(whole);
    expect(parseReminder('{"route":"B1"}')).toBeUndefined();
    expect(parseReminder('null')).toBeUndefined();
    expect(parseReminder('{')).toBeUndefined();
  });
});
