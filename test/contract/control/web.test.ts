import { describe } from 'vitest';
import type { Reply } from '../../../shared/contract.ts';
import { startControlServer, TOKEN } from '../../support/control-server.ts';
import { behavesLikeAControlTransport, type Connect } from './control-transport.ts';

const Authorization = `Bearer ${TOKEN}`;

const overHttp: Connect = async ({ dispatch, events }) => {
  const server = await startControlServer({ dispatch, events });
  let listening = new AbortController();
  let heard: Promise<void> = Promise.resolve();
  return {
    async call(name, input) {
      const response = await fetch(`${server.origin}/api/${name}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization },
        body: JSON.stringify(input ?? {}),
      });
      return (await response.json()) as Reply<unknown>;
    },
    async listen(listener) {
      listening = new AbortController();
      const { signal } = listening;
      const response = await fetch(`${server.origin}/api/events`, { headers: { Authorization }, signal });
      if (response.body === null) throw new Error('no events');
      heard = readEvents(response.body, listener).catch(() => undefined);
    },
    async stopListening() {
      listening.abort();
      await heard;
    },
    async [Symbol.asyncDispose]() {
      listening.abort();
      await server[Symbol.asyncDispose]();
    },
  };
};

/** Server-sent events as a browser reads them: lines that begin with `event:` and `data:`, up to an empty one. */
async function readEvents(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  listener: (name: string, value: unknown) => void,
): Promise<void> {
  let text = '';
  for await (const piece of body.pipeThrough(new TextDecoderStream())) {
    text += piece;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const [, name, data] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? [];
      if (name !== undefined && data !== undefined) listener(name, JSON.parse(data));
    }
  }
}

describe('over HTTP', () => {
  behavesLikeAControlTransport(overHttp);
});
