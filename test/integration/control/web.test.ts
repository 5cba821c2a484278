import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { createEvents } from '../../../main/control/events.ts';
import { silentLogger } from '../../../main/log.ts';
import { startControlServer, TOKEN } from '../../support/control-server.ts';
import { emptySnapshot } from '../../support/snapshot.ts';
import { say } from '../../../shared/sentences.ts';
import { needs } from '../../support/requirements.ts';

const MIB = 1024 * 1024;
const clearCache = { 'cache.clear': () => ({}) };

describe('who is let in', () => {
  test('the address that is printed leads in, and leaves no token in the address bar', async () => {
    await using control = await startControlServer({ files: { 'index.html': '<title>Hearthcast</title>' } });
    const { pathname, search } = new URL(control.url);
    const first = await control.ask(pathname + search, { authorization: '' });
    expect(first).toMatchObject({ status: 303, headers: { location: '/' } });
    const [cookie = ''] = first.headers['set-cookie'] ?? [];
    expect(cookie).toBe(`hearthcast-${control.port}=${TOKEN}; HttpOnly; SameSite=Strict; Path=/`);

    const headers = { Cookie: `theme=dark; ${cookie.split(';')[0]}` };
    expect(await control.ask('/', { authorization: '', headers })).toMatchObject({
      status: 200,
      text: '<title>Hearthcast</title>',
    });
  });

  test('a program comes in with the token in a header', async () => {
    await using control = await startControlServer({ handlers: clearCache });
    expect(await control.command('cache.clear', '{}')).toMatchObject({ status: 200, text: '{"ok":true,"value":{}}' });
  });

  test.each([
    ['no token', ''],
    ['a wrong token', 'Bearer wrong'],
    ['a token in the wrong words', `Token ${TOKEN}`],
    ['a part of the token', `Bearer ${TOKEN.slice(0, -1)}`],
    ['an empty token', 'Bearer '],
  ])('with %s nothing is answered but /health', async (_, authorization) => {
    await using control = await startControlServer({ handlers: clearCache, files: { 'index.html': 'window' } });
    for (const path of ['/', '/index.html', '/metrics', '/api/events']) {
      const { status, text } = await control.ask(path, { authorization });
      expect([path, status]).toEqual([path, 401]);
      expect(text).not.toContain('window');
    }
    const reply = await control.command('cache.clear', '{}', { authorization });
    expect(reply).toMatchObject({ status: 401 });
    expect(JSON.parse(reply.text)).toMatchObject({ ok: false, error: { code: expect.stringMatching(/_TOKEN$/) } });
    expect(await control.ask('/health', { authorization })).toMatchObject({ status: 200, text: '{"status":"ok"}' });
  });

  test('the token in an address lets in to the window only, and only by reading', async () => {
    await using control = await startControlServer({ handlers: clearCache });
    const authorization = '';
    expect(await control.ask(`/metrics?token=${TOKEN}`, { authorization })).toMatchObject({ status: 401 });
    expect(await control.command(`cache.clear?token=${TOKEN}`, '{}', { authorization })).toMatchObject({ status: 401 });
    expect(await control.ask(`/?token=${TOKEN}`, { authorization, method: 'POST' })).toMatchObject({ status: 401 });
  });

  test("the cookie of another relay on this machine is not this one's", async () => {
    await using control = await startControlServer();
    const headers = { Cookie: `hearthcast-1=${TOKEN}` };
    expect(await control.ask('/metrics', { authorization: '', headers })).toMatchObject({ status: 401 });
  });

  test('10,000 wrong tokens are turned away, and the right one still opens', async () => {
    const warnings: unknown[] = [];
    const log = { ...silentLogger, warn: (...line: unknown[]) => void warnings.push(line) };
    await using control = await startControlServer({ handlers: clearCache, log: log as typeof silentLogger });
    const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
    const before = process.memoryUsage().heapUsed;
    const statuses = new Map<number, number>();
    let retryAfter = '';
    const attempt = (token: number): Promise<void> =>
      new Promise((resolve, reject) => {
        const headers = { Authorization: `Bearer wrong-${token}` };
        http
          .get(`${control.origin}/metrics`, { agent, headers }, (response) => {
            const status = response.statusCode ?? 0;
            statuses.set(status, (statuses.get(status) ?? 0) + 1);
            retryAfter = response.headers['retry-after'] ?? retryAfter;
            response.resume().once('end', resolve);
          })
          .once('error', reject);
      });
    for (let token = 0; token < 10_000; token += 100) {
      await Promise.all(Array.from({ length: 100 }, (_, index) => attempt(token + index)));
    }
    agent.destroy();

    expect(statuses.get(401)).toBe(10);
    expect(statuses.get(429)).toBe(9_990);
    expect(Number(retryAfter)).toBeGreaterThan(0);
    expect(Number(retryAfter)).toBeLessThanOrEqual(60);
    expect(warnings).toHaveLength(1);
    expect(await control.command('cache.clear', '{}')).toMatchObject({ status: 200 });
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 * MIB);
  });
});

describe('pages of other sites', () => {
  test.each([
    ['evil.example'],
    ['evil.example:8788'],
    ['127.0.0.1.evil.example'],
    ['localhost.evil.example'],
    ['192.168.1.77'],
    ['127.0.0.1@evil.example'],
    ['127.0.0.1/'],
    ['[::2]'],
  ])('a Host of %j is refused whatever is asked for', async (host) => {
    await using control = await startControlServer({ handlers: clearCache, files: { 'index.html': 'window' } });
    for (const path of ['/', '/health', '/metrics', '/api/events']) {
      const { status } = await control.ask(path, { headers: { Host: host } });
      expect([path, status]).toEqual([path, 403]);
    }
    expect(await control.command('cache.clear', '{}', { headers: { Host: host } })).toMatchObject({ status: 403 });
  });

  test.each([['localhost'], ['LOCALHOST:1'], ['127.0.0.1'], ['127.1.2.3:8788'], ['[::1]:8788']])(
    'a Host of %j is this machine',
    async (host) => {
      await using control = await startControlServer();
      expect(await control.ask('/metrics', { headers: { Host: host } })).toMatchObject({ status: 200 });
    },
  );

  test('the name that the control port was told to listen on is its own', needs('Linux'), async () => {
    await using control = await startControlServer({ host: '127.0.0.2' });
    const headers = { Host: `127.0.0.2:${control.port}` };
    expect(await control.ask('/metrics', { headers })).toMatchObject({ status: 200 });
  });

  test.each([['http://evil.example'], ['null'], ['http://localhost:3000'], ['https://127.0.0.1']])(
    'an Origin of %j may neither command nor listen',
    async (origin) => {
      await using control = await startControlServer({ handlers: clearCache });
      const headers = { Origin: origin };
      expect(await control.command('cache.clear', '{}', { headers })).toMatchObject({ status: 403 });
      expect(await control.ask('/api/events', { headers })).toMatchObject({ status: 403 });
      const preflight = await control.ask('/api/cache.clear', { method: 'OPTIONS', headers });
      expect(preflight.status).toBe(403);
      expect(preflight.headers).not.toHaveProperty('access-control-allow-origin');
    },
  );

  test('a browser that says that another site asks is believed', async () => {
    await using control = await startControlServer({ handlers: clearCache });
    const headers = { 'Sec-Fetch-Site': 'same-site' };
    expect(await control.command('cache.clear', '{}', { headers })).toMatchObject({ status: 403 });
    expect(await control.ask('/api/events', { headers })).toMatchObject({ status: 403 });
  });

  test('the window itself may', async () => {
    await using control = await startControlServer({ handlers: clearCache });
    const headers = { Origin: control.origin, 'Sec-Fetch-Site': 'same-origin' };
    expect(await control.command('cache.clear', '{}', { headers })).toMatchObject({ status: 200 });
  });
});

describe('what is sent to it', () => {
  test.each([
    ['{"url":', 'broken off'],
    ['', 'empty'],
    ['\u0000\u0001', 'no text'],
  ])('a body that is no JSON (%j) is refused in words', async (body) => {
    await using control = await startControlServer({ handlers: clearCache });
    const { status, text } = await control.command('cache.clear', body);
    expect(status).toBe(400);
    expect(JSON.parse(text)).toEqual({
      ok: false,
      error: { code: 'BAD_INPUT', sentence: say('control.json') },
    });
  });

  test.each([
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['multipart/form-data; boundary=x'],
    ['application/jsonp'],
    [undefined],
  ])('a body of type %j is refused, because a form of another site could send it', async (type) => {
    await using control = await startControlServer({ handlers: clearCache });
    const headers = type === undefined ? {} : { 'Content-Type': type };
    const { status } = await control.ask('/api/cache.clear', { method: 'POST', headers, body: '{}' });
    expect(status).toBe(415);
  });

  test('input that the contract does not allow is refused with the field', async () => {
    await using control = await startControlServer();
    const { status, text } = await control.command('viewers.query', '{"limit":0}');
    expect(status).toBe(400);
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'BAD_INPUT', field: 'limit' } });
  });

  test('a command that does not exist is said not to', async () => {
    await using control = await startControlServer();
    for (const name of ['channels.destroy', 'constructor', '__proto__']) {
      const { status } = await control.command(name, '{}');
      expect([name, status]).toEqual([name, 404]);
    }
  });

  test('a bug is a status of its own, and says nothing', async () => {
    await using control = await startControlServer();
    const { status, text } = await control.command('cache.clear', '{}');
    expect(status).toBe(500);
    expect(text).not.toContain('scripted');
  });

  test('a body is taken up to its limit and refused over it, announced or not', async () => {
    await using control = await startControlServer({
      handlers: { 'redis.test': () => ({ ok: true, sentence: say('redis.usable') }) },
    });
    const bodyOf = (bytes: number): string => {
      const frame = JSON.stringify({ url: '' });
      return JSON.stringify({ url: 'x'.repeat(bytes - frame.length) });
    };
    expect(await control.command('redis.test', bodyOf(MIB))).toMatchObject({ status: 200 });
    const announced = await control.command('redis.test', bodyOf(MIB + 1));
    expect(announced).toMatchObject({ status: 413 });
    expect(JSON.parse(announced.text)).toMatchObject({ ok: false, error: { code: 'TOO_LARGE' } });
    const chunked = await control.ask('/api/redis.test', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' },
      body: Array.from({ length: 17 }, () => 'x'.repeat(64 * 1024)),
    });
    expect(chunked).toMatchObject({ status: 413 });
  });

  test('a long backup is taken, whatever else is refused for its length', async () => {
    let length = 0;
    await using control = await startControlServer({
      handlers: {
        'backup.restore': ({ text }) => {
          length = text.length;
          return { channels: 1 };
        },
      },
    });
    const text = 'x'.repeat(65 * MIB);
    expect(await control.command('backup.restore', JSON.stringify({ text }))).toMatchObject({ status: 200 });
    expect(length).toBe(65 * MIB);
  });

  test('a client that goes away while it sends does no harm', async () => {
    await using control = await startControlServer({ handlers: clearCache });
    const socket = connect(control.port, '127.0.0.1');
    socket.write(
      `POST /api/cache.clear HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
    );
    await once(socket, 'connect');
    await sleep(20);
    socket.destroy();
    expect(await control.command('cache.clear', '{}')).toMatchObject({ status: 200 });
  });

  test.each([['GET'], ['PUT'], ['DELETE']])('a command is not answered to %s', async (method) => {
    await using control = await startControlServer({ handlers: clearCache });
    expect(await control.ask('/api/cache.clear', { method })).toMatchObject({
      status: 405,
      headers: { allow: 'POST' },
    });
  });
});

describe('the window', () => {
  const files = {
    'index.html': '<title>Hearthcast</title>',
    'assets/index-Ab12_x.js': 'export {};',
    'assets/index-Cd34-y.css': 'body {}',
    'icon.svg': '<svg/>',
    'settings.json.bak': 'secret',
    '../secret.html': 'secret',
  };

  test('is served with the types that browsers insist on', async () => {
    await using control = await startControlServer({ files });
    const typeOf = async (path: string) => (await control.ask(path)).headers['content-type'];
    expect(await typeOf('/')).toBe('text/html; charset=utf-8');
    expect(await typeOf('/assets/index-Ab12_x.js')).toBe('text/javascript; charset=utf-8');
    expect(await typeOf('/assets/index-Cd34-y.css')).toBe('text/css; charset=utf-8');
    expect(await typeOf('/icon.svg')).toBe('image/svg+xml');
  });

  test('is looked for again each time, except for what changes its name with its content', async () => {
    await using control = await startControlServer({ files });
    expect((await control.ask('/')).headers['cache-control']).toBe('no-cache');
    expect((await control.ask('/assets/index-Ab12_x.js')).headers['cache-control']).toContain('immutable');
  });

  test.each([
    ['/../secret.html'],
    ['/..%2fsecret.html'],
    ['/%2e%2e/secret.html'],
    ['/assets/../../secret.html'],
    ['/assets/..\\..\\secret.html'],
    ['//etc/passwd'],
    ['/settings.json.bak'],
    ['/assets'],
    ['/assets/none.js'],
    ['/index.html/none.js'],
    [`/${'a'.repeat(10_000)}.js`],
    ['/.hidden.html'],
  ])('leads nowhere else: %s', async (path) => {
    await using control = await startControlServer({ files });
    const { status, text } = await control.ask(path);
    expect(status).toBe(404);
    expect(text).not.toContain('secret');
  });

  test('says in words when it has not been built', async () => {
    await using control = await startControlServer();
    const { status, text } = await control.ask('/');
    expect(status).toBe(404);
    expect(text).toContain('The window has not been built');
  });

  test('may load nothing from elsewhere, and be framed by nobody', async () => {
    await using control = await startControlServer({ files });
    const { headers } = await control.ask('/');
    const policy = String(headers['content-security-policy']).split('; ');
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("object-src 'none'");
    expect(policy).toContain("frame-src 'none'");
    expect(policy).toContain("connect-src 'self' http://127.0.0.1:*");
    expect(policy.some((part) => part.includes('unsafe-eval') || /script-src.*unsafe/.test(part))).toBe(false);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
  });

  test('what programs are answered is never kept by a cache', async () => {
    await using control = await startControlServer({ handlers: clearCache });
    for (const answer of [await control.command('cache.clear', '{}'), await control.ask('/metrics')]) {
      expect(answer.headers['cache-control']).toBe('no-store');
    }
  });

  test('is answered to HEAD without its body', async () => {
    await using control = await startControlServer({ files });
    expect(await control.ask('/', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  });
});

describe('events', () => {
  async function listen(origin: string): Promise<IncomingMessage> {
    const request = http.get(`${origin}/api/events`, { agent: false, headers: { Authorization: `Bearer ${TOKEN}` } });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response;
  }

  test('begin with the state of the relay', async () => {
    await using control = await startControlServer();
    const response = await listen(control.origin);
    expect(response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    let text = '';
    response.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await vi.waitFor(() => expect(text).toContain('event: snapshot\ndata: {'), 10_000);
    response.destroy();
  });

  test('a slow reader gets the newest state when it reads on, and costs no memory meanwhile', async () => {
    const blob = 'x'.repeat(MIB);
    let built = 0;
    const events = createEvents({
      snapshot: () => ({ ...emptySnapshot, at: (built += 1), version: blob }),
      followLog: () => () => undefined,
      log: silentLogger,
    });
    let tellAll: ((at: number) => void) | undefined;
    await using control = await startControlServer({
      events: {
        ...events,
        subscribe(listener) {
          tellAll = (at) => listener('snapshot', { ...emptySnapshot, at, version: blob });
          return () => (tellAll = undefined);
        },
      },
    });
    const response = await listen(control.origin);
    response.pause();
    await vi.waitFor(() => expect(tellAll).toBeDefined(), 10_000);
    const before = process.memoryUsage();
    for (let at = 1; at <= 500; at += 1) {
      tellAll?.(at);
      if (at % 50 === 0) await sleep(5);
    }
    const { heapUsed, external } = process.memoryUsage();
    expect(heapUsed + external - before.heapUsed - before.external).toBeLessThan(100 * MIB);

    const seen: number[] = [];
    let text = '';
    response.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) {
        const at = /"at":(\d+)/.exec(part.slice(0, 200))?.[1];
        if (at !== undefined) seen.push(Number(at));
      }
    });
    response.resume();
    await vi.waitFor(() => expect(seen.at(-1)).toBe(500), 20_000);
    expect(seen.length).toBeLessThan(50);
    response.destroy();
  });

  test('end when the server stops, which waits for no listener', async () => {
    const control = await startControlServer();
    const response = await listen(control.origin);
    response.resume();
    const ended = once(response, 'close');
    await control[Symbol.asyncDispose]();
    expect(await ended).toBeDefined();
  });
});

test('a control port in use is said in words that name the flag', async () => {
  await using control = await startControlServer();
  await expect(startControlServer({ port: control.port })).rejects.toMatchObject({
    code: 'PORT_IN_USE',
    message: expect.stringContaining('--control-port') as string,
  });
});
