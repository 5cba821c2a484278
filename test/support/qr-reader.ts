import decodeQr from 'qr/decode.js';
import type { Locator } from 'playwright-core';

/** A busy machine may need more than one frame of a camera. */
const DECODE_MS = 5000;

/** What a phone's camera would read from this part of the screen. @throws Error when it is no QR code */
export async function readQrCode(code: Locator): Promise<string> {
  const picture = await code.screenshot();
  const { width, height, data } = await code.page().evaluate(readPixels, picture.toString('base64'));
  return decodeQr({ width, height, data: Uint8Array.from(data) }, { timeLimit: DECODE_MS });
}

/** Runs in the page, which can read pictures: the pixels of a PNG as RGBA. */
async function readPixels(png: string): Promise<{ width: number; height: number; data: number[] }> {
  const image = new Image();
  image.src = `data:image/png;base64,${png}`;
  await image.decode();
  const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
  if (context === null) throw new Error('there is nothing to draw on');
  context.drawImage(image, 0, 0);
  const { width, height, data } = context.getImageData(0, 0, image.width, image.height);
  return { width, height, data: [...data] };
}
