import type { SettingsEdit } from '../../shared/contract.ts';
import type { Settings } from '../../shared/settings.ts';
import { readBackup, writeBackup } from './backup-file.ts';
import { recordsOf } from './backup-records.ts';
import type { ChannelRepository } from './repository.ts';
import { replaceAll } from './restore-backup.ts';

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
  restore: (text: string, passphrase: string) => Promise<RestoredBackup>;
};

export function createBackup({ channels, now }: { channels: ChannelRepository; now: () => number }): Backup {
  return {
    async create(passphrase, settings) {
      using snapshot = channels.snapshot();
      const records = recordsOf(snapshot, settings, passphrase !== '');
      const date = new Date(now()).toISOString().slice(0, 10);
      return {
        fileName: `hearthcast-${date}.backup`,
        text: await writeBackup(records, { passphrase, nowMs: now() }),
      };
    },

    async restore(text, passphrase) {
      const content = await readBackup(text, passphrase);
      await channels.write({
        what: () => `Restored a backup of ${content.channels.length} channels.`,
        run: (writer, signal) => replaceAll(writer, content, signal),
      });
      const { settings, sealingKey } = content;
      return { channels: content.channels.length, settings, sealingKey };
    },
  };
}
