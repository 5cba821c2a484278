import { setImmediate } from 'node:timers/promises';
import type { Source } from '../../shared/channel.ts';
import type { ChannelDetail, Diagnosis } from '../../shared/contract.ts';
import { say } from '../../shared/sentences.ts';
import { ProxyError } from '../errors.ts';
import type { App } from '../app.ts';
import type { Handlers } from './dispatch.ts';
import type { Services } from './services.ts';

/** Commands that try whether sources play. */
export type HealthHandlers = Pick<
  Handlers,
  'health.check' | 'health.checkSource' | 'health.checkMany' | 'health.applyHeaders'
>;

/** A check that nobody can cancel ends by itself. */
const CHECK_TIMEOUT_MS = 120_000;
const LOOKED_UP_AT_ONCE = 100;

export function createHealthHandlers({ supervisor, tasks }: Services): HealthHandlers {
  return {
    'health.check': async ({ id, source: index }) => {
      const { channelService, diagnosis } = await supervisor.app();
      const source = sourceOf(channelService.detail(id), index);
      const found = await diagnosis.diagnose({ source, index }, { signal: AbortSignal.timeout(CHECK_TIMEOUT_MS) });
      await record(channelService, id, found);
      return found;
    },

    'health.checkSource': async ({ source }) => {
      const { diagnosis } = await supervisor.app();
      return diagnosis.diagnose({ source, index: 0 }, { signal: AbortSignal.timeout(CHECK_TIMEOUT_MS) });
    },

    'health.checkMany': ({ selection, taskId }) =>
      tasks.run(taskId, async ({ signal, onProgress }) => {
        const { channels, channelService, diagnosis } = await supervisor.app();
        const items = await itemsOf(channels, await channelService.idsOf(selection));
        const recording: Promise<void>[] = [];
        const counts = await diagnosis.diagnoseMany(items, {
          signal,
          onProgress({ item, diagnosis: found, done, total }) {
            recording.push(record(channelService, item.id, found));
            onProgress(done, total, say('task.checked', { name: item.name, outcome: found.sentence }));
          },
        });
        await Promise.all(recording);
        return counts;
      }),

    'health.applyHeaders': async ({ id, source: index, headers }) => {
      const { channelService } = await supervisor.app();
      const { sources } = channelService.detail(id);
      return channelService.save(id, {
        sources: sources.map((source, at) => ({ url: source.url, headers: at === index ? headers : source.headers })),
      });
    },
  };
}

/** The first source of each channel that is still there. Looked up a few at a time: TVs must not wait for 50,000 of them. */
async function itemsOf(channels: App['channels'], ids: readonly string[]) {
  const items: { id: string; name: string; source: Source; index: number }[] = [];
  for (const [at, id] of ids.entries()) {
    if (at % LOOKED_UP_AT_ONCE === 0) await setImmediate();
    const channel = channels.get(id);
    const source = channel?.sources[0];
    if (channel !== undefined && source !== undefined) items.push({ id, name: channel.name, source, index: 0 });
  }
  return items;
}

/** What the table of channels shows is the health of the source that TVs get first. */
async function record(
  channels: App['channelService'],
  id: string,
  { verdict, sentence, source }: Diagnosis,
): Promise<void> {
  if (source === 0) await channels.recordHealth(id, verdict, sentence);
}

function sourceOf({ sources }: ChannelDetail, index: number): Source {
  const source = sources[index];
  if (source === undefined) throw new ProxyError('UNKNOWN_CHANNEL', say('channel.noSuchSource'));
  return { url: source.url, headers: source.headers };
}
