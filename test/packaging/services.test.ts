import { execFile } from 'node:child_process';
import { mkdir, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { parseCommandLine } from '../../main/command-line.ts';
import { Settings } from '../../shared/settings.ts';
import { startChild } from '../support/child.ts';
import { argumentsOf, execForm, parseDockerfile } from '../support/dockerfile.ts';
import { packTarball } from '../support/npm-package.ts';
import { readmeBlock } from '../support/readme.ts';
import { findFreePort } from '../support/redis-server.ts';
import { needs } from '../support/requirements.ts';
import { systemEnvironment } from '../support/system-environment.ts';

const run = promisify(execFile);

const PORTS = { relay: Settings.shape.port.parse(undefined), control: parseCommandLine([]).control.port };

describe('the Dockerfile of the README', async () => {
  const instructions = parseDockerfile(await readmeBlock('dockerfile'));

  test("is Debian's slim image with a Node that is recent enough, and runs as somebody who is not root", () => {
    const [, major] = /^node:(\d+)-(?:bookworm|trixie)-slim$/.exec(argumentsOf(instructions, 'FROM')) ?? [];
    expect(Number(major)).toBeGreaterThanOrEqual(24);
    expect(argumentsOf(instructions, 'USER')).toBe('node');
    const order = instructions.map(({ name }) => name);
    expect(order.indexOf('USER')).toBeGreaterThan(order.lastIndexOf('RUN'));
  });

  test('names the ports and the folder of the relay', () => {
    expect(argumentsOf(instructions, 'EXPOSE')).toBe(`${PORTS.relay} ${PORTS.control}`);
    const [, ...flags] = execForm(argumentsOf(instructions, 'ENTRYPOINT'));
    expect(parseCommandLine(flags).dataFolder).toBe(argumentsOf(instructions, 'VOLUME'));
  });

  test('makes something that starts, is healthy and stops', needs('npm registry', 'POSIX'), async () => {
    await using image = await mkdtempDisposable(join(tmpdir(), 'hearthcast-image-'));
    await using context = await mkdtempDisposable(join(tmpdir(), 'hearthcast-context-'));
    const ports = { relay: await findFreePort(), control: await findFreePort() };
    /** Paths of the image, in the folder that stands for it. */
    const inImage = (text: string): string => text.replaceAll(/(?<=^|\s)\/(?=tmp\/|data\b)/g, `${image.path}/`);
    const env = {
      ...systemEnvironment(),
      // The Node of the base image is this one.
      PATH: [join(image.path, 'usr/bin'), dirname(process.execPath), systemEnvironment()['PATH']].join(delimiter),
      npm_config_prefix: join(image.path, 'usr'),
    };
    await mkdir(join(image.path, 'tmp'));

    const tarball = await packTarball(context.path);
    const [source, target] = argumentsOf(instructions, 'COPY').split(' ');
    expect([source, target]).toEqual([tarball.filename, '/tmp/']);
    await writeFile(join(image.path, 'tmp', tarball.filename), await readFile(join(context.path, source ?? '')));
    for (const step of argumentsOf(instructions, 'RUN').split(' && ')) {
      // There is no such user here, and the cache is the one of whoever runs the tests.
      if (/^(?:chown|npm cache) /.test(step)) continue;
      await run('sh', ['-ec', inImage(step)], { env: { ...process.env, ...env, npm_config_prefer_offline: 'true' } });
    }

    const [probe, ...probeFlags] = execForm(argumentsOf(instructions, 'HEALTHCHECK'));
    const healthCheck = async (): Promise<boolean> =>
      run(
        probe,
        probeFlags.map((flag) => flag.replace(String(PORTS.relay), String(ports.relay))),
        {
          env: { ...process.env, ...env },
        },
      ).then(
        () => true,
        () => false,
      );
    expect(await healthCheck()).toBe(false);
    const [entry, ...flags] = execForm(argumentsOf(instructions, 'ENTRYPOINT'));
    await using relay = await startChild({
      script: join(image.path, 'usr/bin', entry),
      isProgram: true,
      args: [
        ...flags.map(inImage),
        ...['--host', '127.0.0.1', '--port', String(ports.relay), '--control-port', String(ports.control)],
      ],
      env,
      announcement: z.object({ relay: z.literal(`http://127.0.0.1:${ports.relay}`) }),
    });
    expect(await healthCheck()).toBe(true);
    expect(await relay.stop()).toBe(0);
  });
});

describe('the systemd unit of the README', async () => {
  const unit = await readmeBlock('ini');
  const valueOf = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1] ?? '';

  test('starts the relay with flags that it knows, in the one folder that it may write to', () => {
    const [program = '', ...flags] = valueOf('ExecStart').split(' ');
    expect(program).toBe('/usr/local/bin/hearthcast');
    expect(parseCommandLine(flags).dataFolder).toBe(`%S/${valueOf('StateDirectory')}`);
    expect(valueOf('ProtectSystem')).toBe('strict');
    // V8 writes the code that it runs.
    expect(valueOf('MemoryDenyWriteExecute')).toBe('');
  });

  test('says nothing that systemd does not understand', needs('systemd-analyze'), async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-unit-'));
    const verify = async (text: string): Promise<string> => {
      const file = join(folder.path, 'hearthcast.service');
      await writeFile(file, text.replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`));
      return (await run('systemd-analyze', ['verify', file])).stderr;
    };
    expect(await verify(unit.replace('ProtectSystem', 'ProtectSytem'))).toContain('ProtectSytem');
    expect(await verify(unit.replace('ProtectHome=yes', 'ProtectHome=perhaps'))).toContain('perhaps');
    expect(await verify(unit)).toBe('');
  });
});
