import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openProfile } from '../support/chromium.ts';
import { needs } from '../support/requirements.ts';
import { drawIcons, RESOURCES } from './draw-icons.ts';

/** Another Chromium may draw the edge of a curve a little differently. */
const MAX_MEAN_DIFFERENCE = 2;

test('the icons of the packages are what renderer/icon.svg draws', needs('chromium'), async () => {
  const drawn = await drawIcons();
  expect(drawn.size).toBe(10);
  await using browser = await openProfile();
  const page = await browser.newPage();
  const pixelsOf = async (png: Buffer): Promise<Buffer> => {
    const base64 = await page.evaluate(async (content) => {
      const image = new Image();
      image.src = `data:image/png;base64,${content}`;
      await image.decode();
      const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
      context?.drawImage(image, 0, 0);
      let text = '';
      for (const value of context?.getImageData(0, 0, image.width, image.height).data ?? []) {
        text += String.fromCharCode(value);
      }
      return btoa(text);
    }, png.toString('base64'));
    return Buffer.from(base64, 'base64');
  };
  for (const [name, content] of drawn) {
    const kept = picturesIn(await readFile(join(RESOURCES, name)));
    const wanted = picturesIn(content);
    expect(
      kept.map(({ label }) => label),
      name,
    ).toEqual(wanted.map(({ label }) => label));
    for (const [index, { label, isPicture, bytes }] of wanted.entries()) {
      const other = kept[index]!.bytes;
      if (bytes.equals(other)) continue;
      const [left, right] = isPicture ? [await pixelsOf(bytes), await pixelsOf(other)] : [bytes, other];
      expect(meanDifference(left, right), `${name}, ${label}`).toBeLessThan(MAX_MEAN_DIFFERENCE);
    }
  }
});

type Part = { label: string; isPicture: boolean; bytes: Buffer };

/** The pictures of an .icns, an .ico or a .png file, each under what the file calls it. */
function picturesIn(file: Buffer): Part[] {
  if (file.toString('latin1', 0, 4) === 'icns') return icnsParts(file);
  if (file.readUInt32BE(0) === 0x00000100) return icoParts(file);
  return [{ label: 'png', isPicture: isPng(file), bytes: file }];
}

function icnsParts(file: Buffer): Part[] {
  const parts: Part[] = [];
  expect(file.readUInt32BE(4)).toBe(file.length);
  for (let at = 8; at < file.length; at += file.readUInt32BE(at + 4)) {
    const bytes = file.subarray(at + 8, at + file.readUInt32BE(at + 4));
    parts.push({ label: file.toString('latin1', at, at + 4), isPicture: isPng(bytes), bytes });
  }
  return parts;
}

function icoParts(file: Buffer): Part[] {
  return Array.from({ length: file.readUInt16LE(4) }, (_, index) => {
    const entry = 6 + 16 * index;
    const offset = file.readUInt32LE(entry + 12);
    const bytes = file.subarray(offset, offset + file.readUInt32LE(entry + 8));
    return { label: `${file.readUInt8(entry) || 256} pixels`, isPicture: isPng(bytes), bytes };
  });
}

function isPng(bytes: Buffer): boolean {
  return bytes.readUInt32BE(0) === 0x89504e47;
}

function meanDifference(left: Buffer, right: Buffer): number {
  expect(left.length).toBe(right.length);
  return left.reduce((sum, value, index) => sum + Math.abs(value - right[index]!), 0) / left.length;
}
