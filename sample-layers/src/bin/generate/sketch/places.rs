//! Names of the city's parts and squares.

use super::LonLat;

/// Kind, name, English name, rank (1 = most important), place.
pub const PLACES: &[(&str, &str, &str, i64, LonLat)] = &[
    ("city", "Івано-Франківськ", "Ivano-Frankivsk", 1, (24.7112, 48.9216)),
    ("district", "Центр", "Centre", 3, (24.7152, 48.9216)),
    ("district", "Пасічна", "Pasichna", 2, (24.6902, 48.9382)),
    ("district", "Бам", "BAM", 3, (24.6952, 48.9030)),
    ("district", "Каскад", "Kaskad", 3, (24.7452, 48.9262)),
    ("district", "Позитрон", "Pozytron", 3, (24.7442, 48.9352)),
    ("district", "Опришівці", "Opryshivtsi", 2, (24.7152, 48.8872)),
    ("suburb", "Крихівці", "Krykhivtsi", 2, (24.6772, 48.8892)),
    ("suburb", "Вовчинець", "Vovchynets", 2, (24.7582, 48.9482)),
    ("suburb", "Угорники", "Uhornyky", 2, (24.7812, 48.9282)),
    ("suburb", "Микитинці", "Mykytyntsi", 2, (24.7722, 48.9052)),
    ("suburb", "Угринів", "Uhryniv", 2, (24.6872, 48.9572)),
    ("suburb", "Хриплин", "Khryplyn", 2, (24.7642, 48.8882)),
    ("suburb", "Черніїв", "Cherniiv", 2, (24.7002, 48.8732)),
    ("suburb", "Загвіздя", "Zahvizdia", 2, (24.6592, 48.9252)),
    ("square", "Площа Ринок", "Rynok Square", 4, (24.7106, 48.9226)),
    ("square", "Вічевий майдан", "Vichevyi Maidan", 4, (24.7126, 48.9208)),
    ("square", "Площа Міцкевича", "Mickiewicz Square", 5, (24.7100, 48.9203)),
    ("square", "Привокзальна площа", "Station Square", 4, (24.7221, 48.9240)),
    ("square", "Європейська площа", "European Square", 5, (24.7120, 48.9125)),
    ("station", "Вокзал Івано-Франківськ", "Ivano-Frankivsk station", 3, (24.7231, 48.9245)),
    ("station", "Станція Хриплин", "Khryplyn station", 5, (24.7590, 48.8845)),
    ("landmark", "Ратуша", "Town Hall", 4, (24.7106, 48.9227)),
    ("landmark", "Міське озеро", "City Lake", 4, (24.6974, 48.9112)),
    ("landmark", "Парк Шевченка", "Shevchenko Park", 4, (24.7042, 48.9112)),
    ("landmark", "Вовчинецькі гори", "Vovchynets Hills", 5, (24.7850, 48.9540)),
];
