import './app.css';
import { mount } from 'svelte';
import { keepPage } from './state/offline.ts';

const target = document.getElementById('app');
const path = location.pathname.replace(/\/+$/, '') || '/';

async function screen() {
  if (path === '/dispatch') return (await import('./screens/Dispatch.svelte')).default;
  if (path === '/edit') return (await import('./screens/Edit.svelte')).default;
  if (path === '/accessibility' || path === '/help') return (await import('./screens/About.svelte')).default;
  return (await import('./screens/Resident.svelte')).default;
}

if (target) mount(await screen(), { target });
if (path === '/') keepPage();
