import type { Guide, SettingsEdit } from '../../shared/contract.ts';
import type { App } from '../app.ts';
import type { Handlers } from './dispatch.ts';
import type { Services } from './services.ts';

/** What a backup tells of settings; without secrets it has no key. */
type BackedUp = { settings: SettingsEdit; sealingKey: string | null };

/** Commands on channels, and on the lists and backups that they come from and go to. */
export type ChannelHandlers = Pick<
  Handlers,
  | 'channels.query'
  | 'channels.groups'
  | 'channels.get'
  | 'channels.add'
  | 'channels.save'
  | 'channels.saveMany'
  | 'channels.remove'
  | 'channels.move'
  | 'channels.sort'
  | 'channels.renameGroup'
  | 'channels.undo'
  | 'lists.all'
  | 'lists.plan'
  | 'lists.planRows'
  | 'lists.narrow'
  | 'lists.apply'
  | 'lists.refresh'
  | 'lists.save'
  | 'lists.remove'
  | 'lists.export'
  | 'guide.get'
  | 'guide.refresh'
  | 'backup.create'
  | 'backup.restore'
>;

function editOf({ settings, sealingKey }: BackedUp): SettingsEdit & { sealingKey?: string } {
  return { ...settings, ...(sealingKey !== null && { sealingKey }) };
}

export function createChannelHandlers({ supervisor, tasks }: Services): ChannelHandlers {
  const service = async () => (await supervisor.app()).channelService;

  return {
    'channels.query': async (query) => (await service()).query(query),
    'channels.groups': async () => (await service()).groups(),
    'channels.get': async ({ id }) => (await service()).detail(id),
    'channels.add': async (channel) => (await service()).add(channel),
    'channels.save': async ({ id, edit }) => (await service()).save(id, edit),
    'channels.saveMany': async ({ selection, edit }) => (await service()).saveMany(selection, edit),
    'channels.remove': async ({ selection }) => (await service()).remove(selection),
    'channels.move': async ({ selection, beforeId }) => (await service()).move(selection, beforeId),
    'channels.sort': async ({ by }) => {
      // oxlint-disable-next-line unicorn/no-array-sort -- It sorts channels in a database.
      await (await service()).sort(by);
      return {};
    },
    'channels.renameGroup': async ({ from, to }) => (await service()).renameGroup(from, to),
    'channels.undo': async () => (await service()).undo(),

    'lists.all': async () => (await service()).lists(),
    'lists.plan': ({ origin, taskId }) => tasks.run(taskId, async (work) => (await service()).plan(origin, work)),
    'lists.planRows': async (query) => (await service()).planRows(query),
    'lists.narrow': async ({ planId, groups }) => (await service()).narrow(planId, groups),
    'lists.apply': ({ planId, groups, refreshHours, taskId }) =>
      tasks.run(taskId, async (work) => (await service()).apply(planId, groups, refreshHours, work)),
    'lists.refresh': ({ id, taskId }) => tasks.run(taskId, async (work) => (await service()).refresh(id, work)),
    'lists.save': async ({ id, refreshHours }) => (await service()).saveList(id, refreshHours),
    'lists.remove': async ({ id }) => (await service()).removeList(id),
    'lists.export': async ({ urls }) => (await service()).exportM3u(urls),

    'guide.get': async () => guideOf(await supervisor.app()),
    'guide.refresh': async () => {
      const app = await supervisor.app();
      await app.guide.refresh();
      return guideOf(app);
    },

    'backup.create': async ({ passphrase }) => (await service()).createBackup(passphrase, supervisor.savedSettings),
    'backup.restore': async ({ text, passphrase }) => {
      const channelService = await service();
      const restored = await channelService.restoreBackup(text, passphrase, (found) =>
        supervisor.intendSettings(editOf(found)),
      );
      try {
        await supervisor.restoreSettings(editOf(restored));
      } catch (error) {
        // The settings are as before, and so should the channels be.
        await (await service()).undo();
        throw error;
      }
      return { channels: restored.channels };
    },
  };
}

function guideOf({ guide, guidePath }: App): Guide {
  return { ...guide.state(), path: guidePath };
}
