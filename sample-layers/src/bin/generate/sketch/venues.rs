//! Invented venues with invented measurements. Every name says that it is an example.

use super::LonLat;

/// An invented venue: what is not in `measured` was not measured. Yes and no are 1 and 0.
pub struct Venue {
    pub name: &'static str,
    pub name_en: &'static str,
    pub category: &'static str,
    pub near: LonLat,
    pub hours: &'static str,
    pub measured: &'static [(&'static str, f64)],
}

const fn venue(
    name: &'static str, name_en: &'static str, category: &'static str, near: LonLat, hours: &'static str, measured: &'static [(&'static str, f64)],
) -> Venue {
    Venue { name, name_en, category, near, hours, measured }
}

const DOOR: &str = "door_width_cm";
const SILL: &str = "threshold_height_cm";
const STEPS: &str = "entrance_steps";
const STEP: &str = "step_height_cm";
const RAMP: &str = "has_ramp";
const SLOPE: &str = "ramp_slope_percent";
const RAMP_WIDTH: &str = "ramp_width_cm";
const RAILS: &str = "ramp_handrails";
const HELP: &str = "help_can_be_called";
const PARKING: &str = "accessible_parking_spaces";
const TOILET: &str = "accessible_toilet";
const AUDIO: &str = "audio_information";
const VISUAL: &str = "visual_information";
const TACTILE: &str = "tactile_information";

pub const VENUES: &[Venue] = &[
    // Everything measured, everything well.
    venue("ЦНАП «Зразковий»", "Model Service Centre (example)", "administration", (24.7150, 48.9245), "Mo-Fr 08:00-18:00", &[
        (DOOR, 110.0), (SILL, 1.0), (STEPS, 0.0), (RAMP, 0.0), (HELP, 1.0), (PARKING, 3.0), (TOILET, 1.0), (AUDIO, 1.0), (VISUAL, 1.0), (TACTILE, 1.0),
    ]),
    venue("Поліклініка «Приклад»", "Example Clinic", "clinic", (24.7085, 48.9160), "Mo-Fr 07:30-19:00; Sa 08:00-14:00", &[
        (DOOR, 110.0), (SILL, 2.0), (STEPS, 3.0), (STEP, 15.0), (RAMP, 1.0), (SLOPE, 7.0), (RAMP_WIDTH, 130.0), (RAILS, 1.0), (HELP, 1.0), (PARKING, 2.0), (TOILET, 1.0), (AUDIO, 1.0), (VISUAL, 1.0), (TACTILE, 1.0),
    ]),
    venue("Бібліотека «Зразок»", "Sample Library", "library", (24.7120, 48.9180), "Mo-Th,Sa,Su 10:00-18:00", &[
        (DOOR, 90.0), (SILL, 0.0), (STEPS, 0.0), (RAMP, 0.0), (HELP, 1.0), (PARKING, 1.0), (TOILET, 1.0), (AUDIO, 1.0), (VISUAL, 1.0), (TACTILE, 0.0),
    ]),
    venue("Автостанція «Демонстраційна»", "Demo Bus Station", "bus_station", (24.7215, 48.9228), "24/7", &[
        (DOOR, 110.0), (SILL, 2.0), (STEPS, 0.0), (RAMP, 0.0), (HELP, 1.0), (PARKING, 4.0), (TOILET, 1.0), (AUDIO, 1.0), (VISUAL, 1.0), (TACTILE, 1.0),
    ]),
    // A ramp decides.
    venue("Кав'ярня «Приклад»", "Example Café", "cafe", (24.7112, 48.9232), "Mo-Su 08:00-22:00", &[
        (DOOR, 82.0), (SILL, 2.0), (STEPS, 2.0), (STEP, 14.0), (RAMP, 1.0), (SLOPE, 9.0), (RAMP_WIDTH, 92.0), (RAILS, 0.0), (HELP, 1.0), (TOILET, 0.0),
    ]),
    venue("Аптека «Зразкова»", "Model Pharmacy", "pharmacy", (24.7135, 48.9212), "Mo-Su 08:00-21:00", &[
        (DOOR, 75.0), (SILL, 3.0), (STEPS, 1.0), (STEP, 12.0), (RAMP, 1.0), (SLOPE, 12.0), (RAMP_WIDTH, 80.0), (RAILS, 0.0), (HELP, 1.0), (PARKING, 0.0), (VISUAL, 1.0),
    ]),
    venue("Пошта «Умовна»", "Notional Post Office", "post", (24.7150, 48.9205), "Mo-Fr 09:00-18:00; Sa 09:00-15:00", &[
        (DOOR, 90.0), (SILL, 2.0), (STEPS, 4.0), (STEP, 15.0), (RAMP, 1.0), (SLOPE, 18.0), (RAMP_WIDTH, 70.0), (RAILS, 1.0), (HELP, 1.0), (PARKING, 1.0),
    ]),
    venue("Банк «Прикладний»", "Example Bank", "bank", (24.7165, 48.9196), "Mo-Fr 09:00-17:00", &[
        (DOOR, 90.0), (SILL, 1.0), (STEPS, 3.0), (STEP, 14.0), (RAMP, 1.0), (SLOPE, 8.0), (RAMP_WIDTH, 120.0), (RAILS, 1.0), (HELP, 1.0), (PARKING, 1.0), (VISUAL, 1.0), (AUDIO, 0.0),
    ]),
    venue("Школа № 901 (вигадана)", "School No. 901 (invented)", "school", (24.7450, 48.9270), "Mo-Fr 08:00-17:00", &[
        (DOOR, 90.0), (STEPS, 5.0), (STEP, 15.0), (RAMP, 1.0), (SLOPE, 8.0), (RAMP_WIDTH, 125.0), (RAILS, 1.0), (TOILET, 1.0), (PARKING, 2.0), (TACTILE, 1.0),
    ]),
    venue("Школа № 902 (вигадана)", "School No. 902 (invented)", "school", (24.6930, 48.9010), "Mo-Fr 08:00-17:00", &[
        (DOOR, 90.0), (STEPS, 4.0), (STEP, 16.0), (RAMP, 1.0), (RAMP_WIDTH, 100.0), (RAILS, 0.0), (TOILET, 0.0),
    ]),
    venue("Амбулаторія «Умовна»", "Notional Surgery", "clinic", (24.6920, 48.9390), "Mo-Fr 08:00-18:00", &[
        (DOOR, 90.0), (SILL, 2.0), (STEPS, 2.0), (STEP, 15.0), (RAMP, 1.0), (SLOPE, 6.0), (RAMP_WIDTH, 120.0), (RAILS, 1.0), (HELP, 1.0), (TOILET, 1.0), (PARKING, 1.0),
    ]),
    venue("Супермаркет «Тестовий»", "Test Supermarket", "shop", (24.7420, 48.9240), "Mo-Su 08:00-23:00", &[
        (DOOR, 110.0), (SILL, 0.0), (STEPS, 0.0), (RAMP, 0.0), (HELP, 0.0), (PARKING, 6.0), (TOILET, 0.0), (AUDIO, 0.0), (VISUAL, 1.0), (TACTILE, 0.0),
    ]),
    // The door decides.
    venue("Кав'ярня «Вузькі двері»", "Narrow Door Café (example)", "cafe", (24.7095, 48.9238), "Mo-Su 09:00-21:00", &[
        (DOOR, 62.0), (SILL, 1.0), (STEPS, 0.0), (RAMP, 0.0), (HELP, 1.0), (TOILET, 0.0),
    ]),
    venue("Крамниця «Проба»", "Trial Shop", "shop", (24.7075, 48.9250), "Mo-Sa 10:00-19:00", &[(DOOR, 68.0), (SILL, 2.0), (STEPS, 0.0), (RAMP, 0.0), (HELP, 0.0)]),
    venue("Пекарня «Взірець»", "Pattern Bakery", "shop", (24.7145, 48.9228), "Mo-Su 07:00-20:00", &[(DOOR, 70.0), (SILL, 2.0), (STEPS, 0.0), (HELP, 1.0)]),
    venue("Аптека «Перша вигадана»", "First Invented Pharmacy", "pharmacy", (24.6950, 48.9040), "Mo-Su 08:00-22:00", &[(DOOR, 82.0), (SILL, 1.0), (STEPS, 0.0), (RAMP, 0.0), (HELP, 1.0), (AUDIO, 0.0), (VISUAL, 1.0)]),
    venue("Відділення банку «Модель»", "Model Bank Branch", "bank", (24.6905, 48.9365), "Mo-Fr 09:00-17:00", &[(DOOR, 75.0), (STEPS, 0.0), (HELP, 1.0), (PARKING, 0.0)]),
    venue("Перукарня «Ескіз»", "Sketch Hairdresser", "shop", (24.7440, 48.9180), "Tu-Sa 10:00-19:00", &[(DOOR, 68.0), (STEPS, 1.0), (STEP, 9.0), (RAMP, 0.0), (HELP, 1.0)]),
    // Steps and no ramp.
    venue("Театр «Вигаданий»", "Invented Theatre", "theatre", (24.7160, 48.9215), "Tu-Su 11:00-19:00", &[
        (DOOR, 110.0), (STEPS, 5.0), (STEP, 15.0), (RAMP, 0.0), (HELP, 1.0), (TOILET, 0.0), (AUDIO, 1.0), (VISUAL, 1.0), (PARKING, 0.0),
    ]),
    venue("Музей «Ескіз»", "Sketch Museum", "museum", (24.7105, 48.9238), "Tu-Su 10:00-17:00", &[
        (DOOR, 82.0), (SILL, 4.0), (STEPS, 3.0), (STEP, 17.0), (RAMP, 0.0), (HELP, 1.0), (TOILET, 0.0), (AUDIO, 1.0), (TACTILE, 1.0),
    ]),
    venue("Готель «Умовний»", "Notional Hotel", "hotel", (24.7190, 48.9232), "24/7", &[(DOOR, 90.0), (STEPS, 4.0), (STEP, 16.0), (RAMP, 0.0), (HELP, 1.0), (TOILET, 1.0), (PARKING, 1.0)]),
    venue("Ресторація «Сходи»", "Stairs Restaurant (example)", "cafe", (24.7120, 48.9195), "Mo-Su 11:00-23:00", &[(DOOR, 82.0), (STEPS, 2.0), (STEP, 18.0), (RAMP, 0.0), (HELP, 0.0), (TOILET, 0.0)]),
    venue("Крамниця «Одна сходинка»", "One Step Shop (example)", "shop", (24.7180, 48.9170), "Mo-Sa 09:00-20:00", &[(DOOR, 82.0), (STEPS, 1.0), (STEP, 7.0), (RAMP, 0.0), (HELP, 1.0)]),
    venue("Спортзал «Тренувальний»", "Training Gym (example)", "sport", (24.7100, 48.9085), "Mo-Su 07:00-22:00", &[(DOOR, 90.0), (STEPS, 1.0), (STEP, 12.0), (RAMP, 0.0), (PARKING, 2.0), (TOILET, 0.0)]),
    // Something important not measured.
    venue("Кав'ярня «Без мірок»", "Unmeasured Café (example)", "cafe", (24.7130, 48.9240), "Mo-Su 08:00-20:00", &[(STEPS, 0.0), (HELP, 1.0)]),
    venue("Аптека «Нова вигадана»", "New Invented Pharmacy", "pharmacy", (24.7400, 48.9340), "Mo-Su 08:00-21:00", &[(DOOR, 90.0), (RAMP, 1.0), (SLOPE, 10.0)]),
    venue("Поліклініка «Половинчаста»", "Halfway Clinic (example)", "clinic", (24.7480, 48.9230), "Mo-Fr 08:00-18:00", &[(STEPS, 3.0), (RAMP, 1.0), (SLOPE, 8.0), (HELP, 1.0), (PARKING, 2.0)]),
    venue("Пошта «Чернетка»", "Draft Post Office", "post", (24.6960, 48.9380), "Mo-Fr 09:00-17:00", &[(DOOR, 82.0), (STEPS, 2.0), (RAMP, 1.0)]),
    venue("Бібліотека «Сторінка» (вигадана)", "Page Library (invented)", "library", (24.6985, 48.9020), "Mo-Fr 10:00-18:00", &[(DOOR, 75.0), (TOILET, 0.0), (VISUAL, 1.0)]),
    venue("Адміністрація «Зразкова»", "Model Administration", "administration", (24.7140, 48.9224), "Mo-Fr 08:30-17:30", &[(DOOR, 110.0), (STEPS, 5.0), (STEP, 14.0), (RAMP, 1.0), (RAMP_WIDTH, 110.0), (HELP, 1.0), (PARKING, 2.0), (TOILET, 1.0)]),
    venue("Кінозал «Макет»", "Mock-up Cinema", "theatre", (24.7280, 48.9150), "Mo-Su 10:00-23:00", &[(DOOR, 90.0), (STEPS, 0.0), (AUDIO, 1.0), (VISUAL, 1.0)]),
    venue("Гуртожиток-готель «Тест»", "Test Hostel", "hotel", (24.7200, 48.9150), "24/7", &[(STEPS, 2.0), (STEP, 15.0), (RAMP, 0.0)]),
    venue("Крамниця «Чернетка»", "Draft Shop", "shop", (24.7165, 48.9040), "Mo-Su 08:00-21:00", &[(RAMP, 1.0), (SLOPE, 14.0), (RAMP_WIDTH, 85.0)]),
    venue("Басейн «Умовний»", "Notional Pool", "sport", (24.7470, 48.9330), "Mo-Su 07:00-21:00", &[(DOOR, 90.0), (STEPS, 0.0), (TOILET, 1.0), (PARKING, 3.0), (HELP, 1.0)]),
    // Nothing measured.
    venue("Кав'ярня «Ніхто не міряв»", "Nobody Measured Café (example)", "cafe", (24.7070, 48.9225), "Mo-Su 09:00-22:00", &[]),
    venue("Аптека «Запас» (вигадана)", "Spare Pharmacy (invented)", "pharmacy", (24.7140, 48.8960), "", &[]),
    venue("Школа № 903 (вигадана)", "School No. 903 (invented)", "school", (24.7440, 48.9365), "Mo-Fr 08:00-17:00", &[]),
    venue("Музей «Порожній» (вигаданий)", "Empty Museum (invented)", "museum", (24.7060, 48.9205), "We-Su 11:00-17:00", &[]),
    venue("Банк «Пробний»", "Trial Bank", "bank", (24.7300, 48.9135), "", &[]),
    venue("Крамниця «Сільська» (вигадана)", "Village Shop (invented)", "shop", (24.6800, 48.8880), "Mo-Su 08:00-20:00", &[]),
    venue("Спортмайданчик «Приклад»", "Example Sports Ground", "sport", (24.6890, 48.9410), "", &[]),
    venue("Автостанція «Проміжна» (вигадана)", "Waypoint Bus Station (invented)", "bus_station", (24.7035, 48.9345), "Mo-Su 05:30-22:30", &[(DOOR, 90.0), (STEPS, 1.0), (STEP, 14.0), (RAMP, 1.0), (SLOPE, 16.0), (AUDIO, 1.0)]),
];
