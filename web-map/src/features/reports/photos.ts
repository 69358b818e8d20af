// Photos that wait to be sent lie in the browser's own store, small: a telephone's picture is
// made as small as the server would make it before it is kept or sent.

const LONGEST_SIDE = 1600;
const DATABASE = 'misto-reports';
const STORE = 'photos';

/** The picture upright, at most 1 600 pixels wide or high, as JPEG; throws for what is no picture. */
export async function small(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/jpeg', 0.82);
  });
}

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error ?? new Error('no store'));
  });
}

async function within<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await opened();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const asked = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error ?? new Error('no store'));
    });
  } finally {
    database.close();
  }
}

export const keepPhoto = (key: string, photo: Blob) => within('readwrite', (store) => store.put(photo, key));

/** Nothing when it was never kept, or the browser threw it away. */
export const keptPhoto = (key: string) =>
  within<unknown>('readonly', (store) => store.get(key)).then(
    (found) => (found instanceof Blob ? found : undefined),
    () => undefined,
  );

export const forgetPhoto = (key: string) =>
  within('readwrite', (store) => store.delete(key)).then(
    () => undefined,
    () => undefined,
  );
