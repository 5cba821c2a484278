import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Where Electron's program keeps its fuses, as @electron/fuses finds it: a mark, a version, a length, one digit for each. */
const FUSE_MARK = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FUSES_AS_SHIPPED = '11110010';

/** Writes what looks enough like Electron for Linux to make an app of, and is small. */
export async function writeElectronStandIn(folder: string): Promise<void> {
  const fuses = Buffer.concat([
    Buffer.from(FUSE_MARK, 'latin1'),
    Buffer.from([1, FUSES_AS_SHIPPED.length]),
    Buffer.from(FUSES_AS_SHIPPED, 'latin1'),
  ]);
  const files: Record<string, string | Buffer> = {
    electron: Buffer.concat([Buffer.from('\x7fELF'), Buffer.alloc(64), fuses, Buffer.alloc(64)]),
    'chrome-sandbox': '',
    LICENSE: 'of Electron',
    'LICENSES.chromium.html': 'of Chromium',
    'locales/en-US.pak': '',
    'locales/de.pak': '',
    'locales/zh-CN.pak': '',
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  await mkdir(join(folder, 'resources'));
  await chmod(join(folder, 'electron'), 0o755);
}
