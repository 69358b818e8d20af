import { defineMessages } from '../../i18n/messages.ts';

/** The accessibility statement. It says what was checked and how, and what is not done. */
export const t = defineMessages({
  uk: {
    intro:
      'Ця заява стосується карти міста для мешканців: списків транспорту, зупинок, закладів і повітря, екрана «Мої потреби», налаштувань і довідки.',
    status_title: 'Чи відповідає карта стандартам',
    status:
      'Карта частково відповідає рівню AA стандарту WCAG 2.2 і розділу 9 стандарту EN 301 549. Чого бракує, сказано нижче.',
    checked_title: 'Як ми це перевірили',
    checked_1:
      'Автоматично, за кожної зміни: кожен екран українською та англійською, світлий і темний, завширшки 320, 390 і 1440 пікселів, перевіряє програма axe (WCAG 2.0, 2.1, 2.2, рівні A та AA).',
    checked_2: 'Автоматично: знайти заклад і побачити, чому він не підходить, можна самою лише клавіатурою.',
    checked_3: 'Автоматично: те, що читає програма екранного доступу, порівнюємо із записаним зразком.',
    checked_4: 'Це власна оцінка. Незалежної перевірки не було.',
    works_title: 'Що працює',
    works_1: 'Усе, що є на карті, є і в списку. Карта для роботи не потрібна.',
    works_2: 'Кольори завжди мають поруч знак іншої форми та слово.',
    works_3:
      'Сторінка збільшується до 400 % без прокручування вбік. Кнопки мають щонайменше 44 пікселі на дотикових екранах.',
    works_4: 'Хто просить пристрій не рухати картинки, не побачить руху. Кольори з налаштувань пристрою діють.',
    works_5: 'Заклади й зупинки, які ви вже бачили, відкриваються без зв’язку, і видно, якого вони часу.',
    missing_title: 'Чого ще немає',
    missing_1: 'Малюнок карти не можна прочитати програмою екранного доступу. Те саме є у списку поруч.',
    missing_2: 'Ми ще не перевіряли карту разом із людьми, які користуються NVDA, JAWS, VoiceOver або TalkBack щодня.',
    missing_3: 'Немає відео жестовою мовою.',
    missing_4: 'Назви, адреси й примітки закладів пишуть люди. Вони можуть бути складними або лише однією мовою.',
    missing_5:
      'Екрани для працівників (диспетчер, редактор карти) щільніші: кнопки там менші, а малювати на карті можна лише вказівником. Точку можна ввести координатами.',
    missing_6: 'Маршрут без сходинок карта ще не прокладає. Відстань до закладу — по прямій.',
    contact_title: 'Напишіть нам',
    contact: 'Якщо щось недоступне для вас, напишіть або зателефонуйте: {contact}.',
    contact_none: 'Місто ще не вказало, куди писати про доступність цієї карти.',
    made: 'Заяву складено {date}. Версія карти: {version}.',
  },
  en: {
    intro:
      'This statement is about the city map for residents: the lists of transport, stops, places and air, the screen “My needs”, the settings and the help.',
    status_title: 'Does the map meet the standards',
    status:
      'The map partly conforms to level AA of WCAG 2.2 and to clause 9 of EN 301 549. What is missing is told below.',
    checked_title: 'How we checked',
    checked_1:
      'Automatically, with every change: each screen in Ukrainian and English, light and dark, 320, 390 and 1440 pixels wide, is checked by the program axe (WCAG 2.0, 2.1, 2.2, levels A and AA).',
    checked_2: 'Automatically: finding a place and seeing why it does not fit works with the keyboard alone.',
    checked_3: 'Automatically: what a screen reader reads is compared with a written sample.',
    checked_4: 'This is our own assessment. Nobody independent has checked it.',
    works_title: 'What works',
    works_1: 'Everything on the map is in the list too. You do not need the map.',
    works_2: 'Every colour has a sign of its own shape and a word beside it.',
    works_3: 'The page grows to 400 % without scrolling sideways. Buttons are at least 44 pixels on touch screens.',
    works_4: 'Who asks the device for less motion sees none. Colours set in the device are honoured.',
    works_5: 'Places and stops that you have seen open without connection, and say how old they are.',
    missing_title: 'What is not done',
    missing_1: 'A screen reader cannot read the picture of the map. The list beside it says the same.',
    missing_2: 'We have not yet tested with people who use NVDA, JAWS, VoiceOver or TalkBack every day.',
    missing_3: 'There is no video in sign language.',
    missing_4: 'Names, addresses and notes of places are written by people. They may be hard or in one language only.',
    missing_5:
      'The screens for staff (dispatcher, map editor) are denser: their buttons are smaller, and drawing on the map needs a pointer. A point can be entered as coordinates.',
    missing_6: 'The map plans no step-free way yet. The distance to a place is as the crow flies.',
    contact_title: 'Tell us',
    contact: 'If something is not accessible to you, write or call: {contact}.',
    contact_none: 'The city has not yet said where to write about the accessibility of this map.',
    made: 'This statement was made on {date}. Version of the map: {version}.',
  },
});
