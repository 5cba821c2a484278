import type { SQLOutputValue } from 'node:sqlite';
import type { Logger } from '../log.ts';
import type { StatsDatabase } from './database.ts';

/** What is remembered of a device: one player at one address. */
export type Device = {
  id: string;
  address: string;
  userAgent: string;
  /** Given by the user; empty: none. */
  name: string;
  /** The channel that it watches or watched last. */
  channelId: string;
  /** When it began to watch that, and when it last asked for something; milliseconds since 1970. */
  since: number;
  lastSeen: number;
  /** Since it was first seen. */
  totalBytes: number;
  stalls: number;
};

/** Keeps devices over restarts. Failing to is said in the log and nothing worse. */
export type DeviceStore = {
  /** The newest ones, least recently seen first. */
  load(): Device[];
  save(devices: Iterable<Device>): void;
};

/** How many devices are remembered. */
export const MAX_DEVICES = 1_000;

export function createDeviceStore({ database, log }: { database: StatsDatabase; log: Logger }): DeviceStore {
  return {
    load() {
      const rows = database.connection
        ?.prepare('SELECT * FROM devices ORDER BY last_seen DESC LIMIT ?')
        .all(MAX_DEVICES)
        .map(toDevice);
      return rows?.toReversed() ?? [];
    },

    save(devices) {
      const { connection } = database;
      if (connection === undefined) return;
      try {
        const insert = connection.prepare(
          `INSERT OR REPLACE INTO devices (id, address, user_agent, name, channel, since, last_seen, total_bytes, stalls)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        );
        connection.exec('BEGIN IMMEDIATE');
        for (const { id, address, userAgent, name, channelId, since, lastSeen, totalBytes, stalls } of devices) {
          insert.run(id, address, userAgent, name, channelId, since, lastSeen, totalBytes, stalls);
        }
        connection
          .prepare(
            `DELETE FROM devices WHERE id NOT IN (SELECT id FROM devices ORDER BY name <> '' DESC, last_seen DESC LIMIT ?)`,
          )
          .run(MAX_DEVICES);
        connection.exec('COMMIT');
      } catch (error) {
        if (connection.isTransaction) connection.exec('ROLLBACK');
        log.warn({ err: error }, 'The devices that were seen could not be kept.');
      }
    },
  };
}

function toDevice(row: Record<string, SQLOutputValue>): Device {
  return {
    id: String(row['id']),
    address: String(row['address']),
    userAgent: String(row['user_agent']),
    name: String(row['name']),
    channelId: String(row['channel']),
    since: Number(row['since']),
    lastSeen: Number(row['last_seen']),
    totalBytes: Number(row['total_bytes']),
    stalls: Number(row['stalls']),
  };
}
