import '@fontsource-variable/inter/opsz.css';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './styles.css';
import * as z from 'zod';

/** Its font is beside the page; one that is not there by then is not waited for. */
const FONT_DEADLINE_MS = 500;

async function main(): Promise<void> {
  // The content security policy forbids code made of strings, which zod tries when a schema is defined: before the first is.
  z.config({ jitless: true });
  const [{ openWindow }] = await Promise.all([import('./open-window.tsx'), fontReady()]);
  const root = document.getElementById('root');
  if (root === null) throw new Error('the page has no place for the window');
  await openWindow(root);
}

/** Words that change their width once their font is there would move what stands beside them. */
async function fontReady(): Promise<void> {
  const deadline = new Promise((resolve) => setTimeout(resolve, FONT_DEADLINE_MS));
  await Promise.race([document.fonts.load('1em "Inter Variable"').catch(() => undefined), deadline]);
}

void main();
