import { expect, test } from 'vitest';
import { Problem } from '../../api/http.ts';
import { MOST_WAITING, sendAll, withOne, type Post, type Waiting } from './queue.ts';

const one = (key: string, more: Partial<Waiting> = {}): Waiting => ({
  key,
  venue: '1',
  told: { kind: 'blocked', reported_at: '2026-11-25T08:00:00Z' },
  hasPhoto: false,
  ...more,
});

/** A server that answers as told, and what it heard. */
function server(answers: (unknown | undefined)[] = []) {
  const heard: string[] = [];
  const kept: string[][] = [];
  const forgotten: string[] = [];
  const post: Post = {
    sendPhoto: async () => (heard.push('photo'), `photo-${heard.length}`),
    sendReport: async ({ key, photo }) => {
      heard.push(photo ? `${key} with ${photo}` : key);
      const wrong = answers.shift();
      if (wrong) throw wrong;
    },
    photoOf: async () => new Blob(['x']),
    forgetPhoto: async (key) => void forgotten.push(key),
    keep: (waiting) => void kept.push(waiting.map(({ key }) => key)),
  };
  return { heard, kept, forgotten, post };
}

test('what reached the server waits no more, in the order in which it was told', async () => {
  const { heard, kept, forgotten, post } = server();
  expect(await sendAll([one('a'), one('b')], post)).toEqual([]);
  expect(heard).toEqual(['a', 'b']);
  expect(kept).toEqual([['b'], []]);
  expect(forgotten).toEqual(['a', 'b']);
});

test.each([[new Problem(0, 'offline', '')], [new Problem(429, '', '')], [new Problem(503, '', '')], [new TypeError()]])(
  'without an answer everything waits: %s',
  async (cause) => {
    const { heard, post } = server([undefined, cause]);
    const left = await sendAll([one('a'), one('b'), one('c')], post);
    expect(left.map(({ key, refused }) => [key, refused])).toEqual([
      ['b', undefined],
      ['c', undefined],
    ]);
    expect(heard).toEqual(['a', 'b']);
  },
);

test('what the server will never take is told and holds up nothing', async () => {
  const { heard, post } = server([new Problem(400, 'Invalid', 'value: cannot be meant')]);
  const left = await sendAll([one('a'), one('b')], post);
  expect(left).toMatchObject([{ key: 'a', refused: 'value: cannot be meant' }]);
  expect(await sendAll(left, post)).toEqual(left);
  expect(heard).toEqual(['a', 'b']);
});

test('a photo goes first and only once, though the report has to wait', async () => {
  const { heard, post } = server([new Problem(0, 'offline', '')]);
  const left = await sendAll([one('a', { hasPhoto: true })], post);
  expect(left).toMatchObject([{ key: 'a', photo: 'photo-1' }]);
  expect(await sendAll(left, post)).toEqual([]);
  expect(heard).toEqual(['photo', 'a with photo-1', 'a with photo-1']);
});

test('a photo that the server removed meanwhile is sent once more', async () => {
  const gone = new Problem(400, '', '', { field: 'photo' });
  const { heard, post } = server([gone]);
  expect(await sendAll([one('a', { hasPhoto: true, photo: 'old' })], post)).toEqual([]);
  expect(heard).toEqual(['a with old', 'photo', 'a with photo-2']);
});

test('a photo that the browser threw away holds up no report', async () => {
  const { heard, post } = server();
  post.photoOf = async () => undefined;
  expect(await sendAll([one('a', { hasPhoto: true })], post)).toEqual([]);
  expect(heard).toEqual(['a']);
});

test('the queue has an end, and what was refused makes room', () => {
  const full = Array.from({ length: MOST_WAITING }, (_, n) => one(String(n)));
  expect(withOne(full, one('new'))).toBe(full);
  const next = withOne(
    full.map((waiting, n) => (n === 3 ? { ...waiting, refused: 'no' } : waiting)),
    one('new'),
  );
  expect(next).toHaveLength(MOST_WAITING);
  expect(next.map(({ key }) => key)).not.toContain('3');
  expect(next.at(-1)?.key).toBe('new');
});
