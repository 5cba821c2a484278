/** A square picture: RGBA, rows from top to bottom, and the same as PNG. */
export type Picture = { size: number; pixels: Uint8Array; png: Buffer };

/** What macOS looks for in an .icns file, by the size of the picture in it. */
const ICNS_TYPES: readonly (readonly [type: string, size: number])[] = [
  ['icp4', 16],
  ['icp5', 32],
  ['ic11', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic13', 256],
  ['ic08', 256],
  ['ic14', 512],
  ['ic09', 512],
  ['ic10', 1024],
];

/** Larger ones are PNG inside an .ico file; older readers, the maker of installers among them, want the others as bitmaps. */
const LARGEST_BITMAP = 64;

/** An icon of macOS. */
export function toIcns(pictures: readonly Picture[]): Buffer {
  const parts = ICNS_TYPES.map(([type, size]) => {
    const { png } = ofSize(pictures, size);
    return Buffer.concat([Buffer.from(type, 'latin1'), uint32be(8 + png.length), png]);
  });
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from('icns', 'latin1'), uint32be(8 + body.length), body]);
}

/** An icon of Windows. */
export function toIco(pictures: readonly Picture[]): Buffer {
  const images = pictures.map((picture) => (picture.size > LARGEST_BITMAP ? picture.png : toBitmap(picture)));
  const header = Buffer.alloc(6 + 16 * images.length);
  header.writeUInt16LE(1, 2); // An icon, not a cursor.
  header.writeUInt16LE(images.length, 4);
  let offset = header.length;
  for (const [index, image] of images.entries()) {
    const size = pictures[index]?.size ?? 0;
    const entry = 6 + 16 * index;
    header.writeUInt8(size % 256, entry); // 0 stands for 256.
    header.writeUInt8(size % 256, entry + 1);
    header.writeUInt16LE(1, entry + 4); // Planes.
    header.writeUInt16LE(32, entry + 6); // Bits of a pixel.
    header.writeUInt32LE(image.length, entry + 8);
    header.writeUInt32LE(offset, entry + 12);
    offset += image.length;
  }
  return Buffer.concat([header, ...images]);
}

/** BITMAPINFOHEADER, BGRA from the bottom row to the top, and a mask that 32-bit icons need but do not use. */
function toBitmap({ size, pixels }: Picture): Buffer {
  const maskBytes = Math.ceil(size / 32) * 4 * size;
  const bitmap = Buffer.alloc(40 + size * size * 4 + maskBytes);
  bitmap.writeUInt32LE(40, 0);
  bitmap.writeInt32LE(size, 4);
  bitmap.writeInt32LE(size * 2, 8); // Picture and mask.
  bitmap.writeUInt16LE(1, 12);
  bitmap.writeUInt16LE(32, 14);
  bitmap.writeUInt32LE(size * size * 4 + maskBytes, 20);
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const [red = 0, green = 0, blue = 0, alpha = 0] = pixels.subarray((y * size + x) * 4);
      bitmap.set([blue, green, red, alpha], 40 + ((size - 1 - y) * size + x) * 4);
    }
  }
  return bitmap;
}

function ofSize(pictures: readonly Picture[], size: number): Picture {
  const picture = pictures.find((known) => known.size === size);
  if (picture === undefined) throw new Error(`the icon was not drawn in ${size}`);
  return picture;
}

function uint32be(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
