import { say } from '../../shared/sentences.ts';
import { ProxyError } from '../errors.ts';
import { testRedis } from '../app.ts';
import type { Handlers } from './dispatch.ts';
import type { Services } from './services.ts';

/** Commands on the relay itself: its state, settings, statistics, log and network. */
export type RelayHandlers = Pick<
  Handlers,
  | 'app.snapshot'
  | 'app.pause'
  | 'settings.get'
  | 'settings.save'
  | 'redis.test'
  | 'cache.clear'
  | 'stats.history'
  | 'viewers.query'
  | 'viewers.rename'
  | 'log.query'
  | 'operations.query'
  | 'network.addresses'
  | 'network.selfTest'
  | 'tasks.cancel'
>;

export function createRelayHandlers({ supervisor, tasks, logStore, operations, steady }: Services): RelayHandlers {
  return {
    'app.snapshot': () => supervisor.snapshot(),
    'app.pause': ({ paused }) => {
      supervisor.pause(paused);
      return {};
    },

    'settings.get': () => supervisor.editableSettings,
    'settings.save': async ({ settings }) => {
      const { restarted } = await supervisor.changeSettings(settings);
      return { settings: supervisor.editableSettings, restarted };
    },
    'redis.test': ({ url }) => testRedis(url, steady),
    'cache.clear': async () => {
      await (await supervisor.app()).clearCache();
      return {};
    },

    'stats.history': async ({ range, channelId }) => (await supervisor.app()).history.query(range, channelId),
    'viewers.query': async (page) => (await supervisor.app()).viewers.query(page),
    'viewers.rename': async ({ id, name }) => {
      const isKnown = (await supervisor.app()).viewers.rename(id, name);
      if (!isKnown) throw new ProxyError('UNKNOWN_RESOURCE', say('device.unknown'));
      return {};
    },

    'log.query': async (query) => ({ rows: await logStore.query(query) }),
    'operations.query': (page) => ({ rows: operations.query(page) }),

    'network.addresses': async () => (await supervisor.app()).lanAddresses(),
    'network.selfTest': async () => (await supervisor.app()).selfTest(),

    'tasks.cancel': ({ taskId }) => {
      tasks.cancel(taskId);
      return {};
    },
  };
}
