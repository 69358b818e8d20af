// The page opens without connection once it was opened with one. A browser without service workers,
// or a page that is not secure, does without.

export function keepPage() {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  navigator.serviceWorker
    .register('/offline.js')
    .then(() => navigator.serviceWorker.ready)
    .then(({ active }) => {
      // Also what was loaded before the worker watched, and what comes from the browser's own memory.
      const tell = (loaded: PerformanceEntry[]) => {
        const files = loaded.map(({ name }) => new URL(name).pathname).filter((path) => path.startsWith('/assets/'));
        if (files.length) active?.postMessage({ files: [...new Set(files)] });
      };
      const watch = new PerformanceObserver((list) => tell(list.getEntries()));
      watch.observe({ type: 'resource', buffered: true });
    })
    .catch(() => undefined);
}
