import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { closeChromium, openProfile } from '../support/chromium.ts';
import { toIcns, toIco, type Picture } from '../support/icon-files.ts';

/*
 * The icons of the packages, all drawn from renderer/icon.svg: `npm run icons` writes them to main/packaging, where
 * electron-builder looks for them.
 */

export const RESOURCES = fileURLToPath(new URL('../../main/packaging', import.meta.url));
const SOURCE = new URL('../../renderer/icon.svg', import.meta.url);

const LINUX_SIZES = [16, 24, 32, 48, 64, 128, 256, 512];
const WINDOWS_SIZES = [16, 20, 24, 32, 40, 48, 64, 256];
const MAC_SIZES = [16, 32, 64, 128, 256, 512, 1024];

/** The grid of macOS: 824 of 1024 are the shape, the rest is air around it. */
const MAC_FILL = 824 / 1024;

/** Every icon file, by its path below main/packaging. */
export async function drawIcons(): Promise<Map<string, Buffer>> {
  const svg = await readFile(SOURCE, 'utf8');
  await using browser = await openProfile();
  const page = await browser.newPage();
  const drawAll = async (sizes: readonly number[], fill: number): Promise<Picture[]> => {
    const pictures: Picture[] = [];
    for (const size of sizes) pictures.push(await draw(page, { svg, size, fill }));
    return pictures;
  };
  const linux = await drawAll(LINUX_SIZES, 1);
  return new Map([
    ...linux.map(({ size, png }) => [`icons/${size}x${size}.png`, png] as const),
    ['icon.ico', toIco(await drawAll(WINDOWS_SIZES, 1))],
    ['icon.icns', toIcns(await drawAll(MAC_SIZES, MAC_FILL))],
  ]);
}

async function draw(page: Page, { svg, size, fill }: { svg: string; size: number; fill: number }): Promise<Picture> {
  const { png, pixels } = await page.evaluate(
    async (wanted) => {
      const image = new Image();
      image.src = `data:image/svg+xml,${encodeURIComponent(wanted.svg)}`;
      await image.decode();
      const canvas = document.createElement('canvas');
      canvas.width = wanted.size;
      canvas.height = wanted.size;
      const context = canvas.getContext('2d');
      const inner = Math.round(wanted.size * wanted.fill);
      const margin = (wanted.size - inner) / 2;
      context?.drawImage(image, margin, margin, inner, inner);
      let text = '';
      for (const value of context?.getImageData(0, 0, wanted.size, wanted.size).data ?? []) {
        text += String.fromCharCode(value);
      }
      return { png: canvas.toDataURL('image/png'), pixels: btoa(text) };
    },
    { svg, size, fill },
  );
  return { size, pixels: Buffer.from(pixels, 'base64'), png: Buffer.from(png.split(',')[1] ?? '', 'base64') };
}

if (import.meta.main) {
  for (const [name, content] of await drawIcons()) {
    const file = join(RESOURCES, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    process.stdout.write(`${file}\n`);
  }
  await closeChromium();
}
