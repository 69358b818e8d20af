import { defineMessages } from './messages.ts';

/** Names of the pages about the map. What stands in them loads with them. */
export const t = defineMessages({
  uk: {
    about: 'Про карту',
    help: 'Проста довідка',
    statement: 'Заява про доступність',
    to_map: 'До карти',
    language: 'English',
  },
  en: {
    about: 'About the map',
    help: 'Easy-read help',
    statement: 'Accessibility statement',
    to_map: 'To the map',
    language: 'Українська',
  },
});
