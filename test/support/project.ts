import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder of its own with files in it; disposing of it removes it. */
export type Project = AsyncDisposable & { path: string; write(path: string, content: string): Promise<void> };

/** @param files content by path */
export async function createProject(files: Record<string, string>): Promise<Project> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-project-'));
  const write = async (path: string, content: string): Promise<void> => {
    await mkdir(dirname(join(folder.path, path)), { recursive: true });
    await writeFile(join(folder.path, path), content);
  };
  for (const [path, content] of Object.entries(files)) await write(path, content);
  return { path: folder.path, write, [Symbol.asyncDispose]: () => folder.remove() };
}
