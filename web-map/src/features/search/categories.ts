// What people call a kind of place, in Ukrainian and English; any beginning of a word finds it.

const SYNONYMS: Record<string, readonly string[]> = {
  cafe: [
    'кафе',
    'кава',
    'кавʼярня',
    'ресторан',
    'їдальня',
    'піцерія',
    'поїсти',
    'cafe',
    'coffee',
    'restaurant',
    'food',
  ],
  pharmacy: ['аптека', 'аптечний пункт', 'ліки', 'pharmacy', 'chemist', 'drugstore', 'medicine'],
  clinic: ['лікарня', 'поліклініка', 'амбулаторія', 'клініка', 'лікар', 'hospital', 'clinic', 'doctor', 'dentist'],
  school: ['школа', 'ліцей', 'гімназія', 'садок', 'школа мистецтв', 'school', 'kindergarten', 'college'],
  library: ['бібліотека', 'читальня', 'книги', 'library', 'books'],
  shop: ['магазин', 'крамниця', 'супермаркет', 'продукти', 'shop', 'store', 'supermarket', 'groceries'],
  bank: ['банк', 'банкомат', 'гроші', 'bank', 'atm', 'cash machine'],
  post: ['пошта', 'поштове відділення', 'посилка', 'post office', 'mail', 'parcel'],
  administration: ['установа', 'цнап', 'рада', 'мерія', 'послуги', 'адміністрація', 'council', 'town hall', 'office'],
  museum: ['музей', 'галерея', 'виставка', 'museum', 'gallery', 'exhibition'],
  theatre: ['театр', 'кіно', 'кінотеатр', 'філармонія', 'theatre', 'theater', 'cinema', 'concert'],
  sport: ['спорт', 'спортзал', 'басейн', 'стадіон', 'sport', 'gym', 'pool', 'stadium'],
  hotel: ['готель', 'хостел', 'ночівля', 'hotel', 'hostel', 'rooms'],
  bus_station: ['автостанція', 'автовокзал', 'вокзал', 'bus station', 'coach station'],
};

/** Words for a category; none for one that nobody named. */
export const synonymsOf = (category: string | undefined): readonly string[] => SYNONYMS[category ?? ''] ?? [];
