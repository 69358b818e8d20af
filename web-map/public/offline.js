// Keeps the residents' page itself for a time without connection: the document and the files that
// it loaded. Never an answer of the API: what is old is kept by the page, with its age.

const PAGE = 'misto-page';
const FILES = 'misto-files';
/** Residents' screens; all of them are one document. */
const SCREENS = ['/', '/help', '/accessibility'];

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(PAGE)
      .then((cache) => cache.add('/'))
      .then(() => self.skipWaiting()),
  );
});
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

/** The page names what it loaded before this worker watched. */
self.addEventListener('message', ({ data }) => {
  if (!Array.isArray(data?.files)) return;
  const files = data.files.filter((path) => typeof path === 'string' && path.startsWith('/assets/'));
  void caches.open(FILES).then((cache) =>
    Promise.all(
      files.map(async (path) => {
        if (!(await cache.match(path))) await cache.add(path).catch(() => undefined);
      }),
    ),
  );
});

async function freshPage(request) {
  const cache = await caches.open(PAGE);
  try {
    const answer = await fetch(request);
    if (answer.ok) {
      const text = await answer.clone().text();
      const before = await (await cache.match('/'))?.text();
      // Another build names other files: those of the old one are never asked for again.
      if (before !== undefined && before !== text) await caches.delete(FILES);
      await cache.put('/', answer.clone());
    }
    return answer;
  } catch (cause) {
    const kept = await cache.match('/');
    if (kept) return kept;
    throw cause;
  }
}

async function keptFile(request) {
  const cache = await caches.open(FILES);
  // A name stands for one content, in whatever coding it came.
  const kept = await cache.match(request, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (request.mode === 'navigate' && SCREENS.includes(pathname)) event.respondWith(freshPage(request));
  else if (pathname.startsWith('/assets/')) event.respondWith(keptFile(request));
});
