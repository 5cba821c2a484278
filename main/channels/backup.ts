import type { SettingsEdit } from '../../shared/contract.ts';
import { say } from '../../shared/sentences.ts';
import type { Settings } from '../../shared/settings.ts';
import { readBackup, writeBackup } from './backup-file.ts';
import { recordsOf } from './backup-records.ts';
import { readLists } from './list-record.ts';
import { removedFrom } from './removed-channels.ts';
import type { ChannelRepository } from './repository.ts';
import { replaceAll } from './restore-backup.ts';
import { leaveMark } from './restore-mark.ts';

/** What a backup brought back; its settings are for the caller to bring into force. */
export type RestoredBackup = {
  channels: number;
  settings: SettingsEdit;
  /** Null when the backup has no secrets. */
  sealingKey: string | null;
};

/** Everything that people have put into the relay, as one text and back. */
export type Backup = {
  /** An empty passphrase: without anything secret. */
  create: (passphrase: string, settings: Settings) => Promise<{ fileName: string; text: string }>;
  /** @param intend called with what is about to come back; the mark that it answers with is left in the same transaction */
  restore: (
    text: string,
    passphrase: string,
    intend?: (restored: RestoredBackup) => Promise<number>,
  ) => Promise<RestoredBackup>;
};

export function createBackup({ channels, now }: { channels: ChannelRepository; now: () => number }): Backup {
  return {
    async create(passphrase, settings) {
      using snapshot = channels.snapshot();
      const removed = new Map<number, Set<string>>();
      for (const { key } of readLists(snapshot.database)) removed.set(key, await removedFrom(snapshot, key));
      const records = recordsOf(snapshot, { settings, removedFrom: removed, withSecrets: passphrase !== '' });
      const date = new Date(now()).toISOString().slice(0, 10);
      return {
        fileName: `hearthcast-${date}.backup`,
        text: await writeBackup(records, { passphrase, nowMs: now() }),
      };
    },

    async restore(text, passphrase, intend) {
      const content = await readBackup(text, passphrase);
      const { settings, sealingKey } = content;
      const restored = { channels: content.channels.length, settings, sealingKey };
      const mark = await intend?.(restored);
      await channels.write({
        what: () => say('did.restore', { count: content.channels.length }),
        run: async (moment, signal) => {
          await replaceAll(moment, content, signal);
          if (mark !== undefined) leaveMark(moment.database, mark);
        },
      });
      return restored;
    },
  };
}
