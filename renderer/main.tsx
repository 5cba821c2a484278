import '@fontsource-variable/inter/opsz.css';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './styles.css';
import * as z from 'zod';

async function main(): Promise<void> {
  // The content security policy forbids code made of strings, which zod tries when a schema is defined: before the first is.
  z.config({ jitless: true });
  const { openWindow } = await import('./open-window.tsx');
  const root = document.getElementById('root');
  if (root === null) throw new Error('the page has no place for the window');
  await openWindow(root);
}

void main();
