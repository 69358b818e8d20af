// The page opens without connection once it was opened with one. A browser without service workers,
// or a page that is not secure, does without.

const SETTLED_MS = 8_000;

export function keepPage() {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  navigator.serviceWorker
    .register('/offline.js')
    .then(() => navigator.serviceWorker.ready)
    .then(({ active }) => {
      const tell = () => {
        const files = performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname);
        active?.postMessage({ files: [...new Set(files)].filter((path) => path.startsWith('/assets/')) });
      };
      tell();
      // The map comes after the list.
      setTimeout(tell, SETTLED_MS);
    })
    .catch(() => undefined);
}
