import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';
import { systemEnvironment } from './system-environment.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What `npm pack` says of the tarball it made. */
const Packed = z.tuple([
  z.object({
    filename: z.string(),
    size: z.number(),
    unpackedSize: z.number(),
    files: z.array(z.object({ path: z.string(), mode: z.number() })),
  }),
]);

/** Sizes in bytes. */
export type PackedTarball = z.infer<typeof Packed>[0];

/** Makes the tarball of this project in a folder. */
export async function packTarball(folder: string): Promise<PackedTarball> {
  const [packed] = Packed.parse(
    JSON.parse(await runNpm(ROOT, ['pack', '--silent', '--json', '--pack-destination', folder])),
  );
  return packed;
}

/** Installs a tarball into a folder as a user does who has nothing else there. */
export async function installTarball(tarball: string, folder: string): Promise<void> {
  await writeFile(join(folder, 'package.json'), '{ "private": true }');
  await runNpm(folder, ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball]);
}

/** Runs npm as a user's shell would; answers with what it printed. */
async function runNpm(cwd: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await promisify(execFile)('npm', args, {
    cwd,
    env: { ...process.env, ...systemEnvironment(), ...env },
  });
  return stdout;
}
