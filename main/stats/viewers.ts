import { createHash } from 'node:crypto';
import type { Viewer } from '../../shared/stats.ts';
import type { Part } from '../lifecycle.ts';
import { deviceName } from './device-name.ts';
import { MAX_DEVICES, type Device, type DeviceStore } from './device-store.ts';
import { Rate } from './rate.ts';

/** A request of a client that watches a channel: an address and a player are what HLS leaves of a TV. */
export type Sighting = { address: string; userAgent: string; channelId: string };

/** Who watches what, told by what they ask for and not by their sockets. */
export type Viewers = Part & {
  /** @returns whom to count the bytes of the answer for */
  saw(sighting: Sighting): Device;
  /** A segment is being sent to a device. Returns what to call when it is over: later than it plays is a stall. */
  sending(device: Device, durationSeconds: number): () => void;
  /** The channels that somebody else than this viewer watches. */
  watchedBesides(viewer: Sighting): Set<string>;
  /** Those that have asked for something lately, the newest first. */
  active(): Viewer[];
  /** Those and all that are remembered, most recently seen first. */
  query(page: { offset: number; limit: number }): { total: number; rows: Viewer[] };
  /** Gives a device a name of the user's; an empty one takes it away. @returns whether there is such a device */
  rename(id: string, name: string): boolean;
  /** To be called once a second: rates are told from one to the next. */
  sample(): void;
  /** Turns those that have left into remembered ones, and keeps what is remembered within bounds. */
  sweep(): void;
};

export type ViewersDeps = {
  devices: DeviceStore;
  /** What a channel is called; its id when it is gone. */
  channelName: (channelId: string) => string;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Milliseconds of a clock that is never set back. */
  steady: () => number;
  /** Milliseconds of a clock that nobody sets, and that runs while the computer does. */
  uptime: () => number;
};

/** Players ask at least once a target duration; after this without a word a viewer has left. */
const ACTIVE_MS = 20_000;
const SAVE_EVERY_MS = 5 * 60_000;
const MAX_USER_AGENT_LENGTH = 300;
/** A player whose buffer is full takes a segment at the pace it plays: that is no stall. */
const PACED_READING = 1.2;

/** A device in front of which somebody sits. */
type Present = { device: Device; rate: Rate; seenAt: number };
/** Any device; one that has left has no rate, and was seen longer ago than counts. */
type Known = { device: Device; rate?: Rate; seenAt?: number };

export function createViewers({ devices, channelName, now, steady, uptime }: ViewersDeps): Viewers {
  const present = new Map<string, Present>();
  /** In the order in which they left. */
  const past = new Map<string, Device>();
  let savedAt = steady();

  const isActive = ({ seenAt = -Infinity }: Known): boolean => steady() - seenAt < ACTIVE_MS;

  function enter(key: string, sighting: Sighting): Device {
    const at = now();
    const device = past.get(key) ?? newDevice(sighting, at);
    device.channelId = sighting.channelId;
    device.since = at;
    device.lastSeen = at;
    past.delete(key);
    present.set(key, { device, rate: new Rate(uptime(), device.totalBytes), seenAt: steady() });
    return device;
  }

  function everybody(): Known[] {
    return [...present.values(), ...[...past.values()].map((device) => ({ device }))];
  }

  function forgetOldest(): void {
    const unnamed = [...past].filter(([, { name }]) => name === '');
    const excess = past.size - MAX_DEVICES;
    for (const [key] of excess > unnamed.length ? [...past] : unnamed) {
      if (past.size <= MAX_DEVICES) return;
      past.delete(key);
    }
  }

  function save(): void {
    savedAt = steady();
    devices.save(everybody().map(({ device }) => device));
  }

  function toViewer(known: Known): Viewer {
    const { device, rate } = known;
    const { name, ...rest } = device;
    return {
      ...rest,
      device: name === '' ? deviceName(device.userAgent) : name,
      channelName: channelName(device.channelId),
      isActive: isActive(known),
      bytesPerSecond: (isActive(known) && rate?.perSecond(10)) || 0,
    };
  }

  return {
    name: 'viewers',
    start() {
      for (const device of devices.load()) past.set(keyOf(device), device);
    },
    stop: save,

    saw(sighting) {
      const key = keyOf(sighting);
      const known = present.get(key);
      if (known === undefined) return enter(key, sighting);
      const { device } = known;
      const at = now();
      // One that asks for another channel has zapped, and one that comes back after a while begins anew.
      if (device.channelId !== sighting.channelId || !isActive(known)) {
        device.channelId = sighting.channelId;
        device.since = at;
      }
      device.lastSeen = at;
      known.seenAt = steady();
      return device;
    },

    sending(device, durationSeconds) {
      const dueAt = steady() + durationSeconds * 1000 * PACED_READING;
      return () => {
        if (steady() > dueAt) device.stalls += 1;
      };
    },

    watchedBesides(viewer) {
      const own = keyOf(viewer);
      const others = [...present].filter(([key, known]) => key !== own && isActive(known));
      return new Set(others.map(([, { device }]) => device.channelId));
    },

    active: () => newestFirst([...present.values()].filter(isActive)).map(toViewer),

    query({ offset, limit }) {
      const all = newestFirst(everybody());
      return { total: all.length, rows: all.slice(offset, offset + limit).map(toViewer) };
    },

    rename(id, name) {
      const known = everybody().find(({ device }) => device.id === id);
      if (known === undefined) return false;
      known.device.name = name;
      devices.save([known.device]);
      return true;
    },

    sample() {
      const at = uptime();
      for (const { device, rate } of present.values()) rate.sample(at, device.totalBytes);
      if (steady() - savedAt >= SAVE_EVERY_MS) save();
    },

    sweep() {
      for (const [key, known] of present) {
        if (isActive(known)) continue;
        present.delete(key);
        past.set(key, known.device);
      }
      if (past.size > MAX_DEVICES) forgetOldest();
    },
  };
}

function newestFirst(list: readonly Known[]): Known[] {
  return list.toSorted((a, b) => b.device.lastSeen - a.device.lastSeen);
}

function newDevice({ address, userAgent, channelId }: Sighting, at: number): Device {
  const bare = bareAddress(address);
  const agent = userAgent.slice(0, MAX_USER_AGENT_LENGTH);
  const id = createHash('sha256').update(`${bare} ${agent}`).digest('hex').slice(0, 16);
  return {
    id,
    address: bare,
    userAgent: agent,
    name: '',
    channelId,
    since: at,
    lastSeen: at,
    totalBytes: 0,
    stalls: 0,
  };
}

function keyOf({ address, userAgent }: Pick<Sighting, 'address' | 'userAgent'>): string {
  return `${bareAddress(address)} ${userAgent.slice(0, MAX_USER_AGENT_LENGTH)}`;
}

/** A socket that listens on both families says `::ffff:192.168.1.20`. */
function bareAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
