import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const DEV = fileURLToPath(new URL('../../main/dev.ts', import.meta.url));

test('npm run dev serves the window from its sources, with the relay behind it', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-dev-'));
  const flags = ['--host', '127.0.0.1', '--port', '0', '--control-port', '0', '--data', folder.path];
  const dev = spawn(process.execPath, [DEV, ...flags], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exit = once(dev, 'exit');
  const windowUrl = await new Promise<string>((resolve) => {
    createInterface({ input: dev.stderr }).on('line', (line) => {
      const url = /hot reload: (\S+)$/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    });
  });

  const page = await (await fetch(windowUrl)).text();
  expect(page).toContain('/@vite/client');
  const snapshot = await fetch(new URL('api/app.snapshot', windowUrl), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{}',
  });
  expect(await snapshot.json()).toMatchObject({ ok: true, value: { status: 'running' } });
  const source = await fetch(new URL('api.ts', windowUrl));
  expect(await source.text()).toContain('createRelay');

  dev.kill('SIGTERM');
  await exit;
  await expect(fetch(windowUrl)).rejects.toThrow('fetch failed');
});
