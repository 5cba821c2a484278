import createMulticastDns, { type MulticastDNS, type QueryPacket, type ResponsePacket } from 'multicast-dns';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Part } from '../lifecycle.ts';
import type { Logger } from '../log.ts';

type Answer = NonNullable<ResponsePacket['answers']>[number];

/** Announces the relay on the LAN by a name. */
export type Announcer = Part & {
  /** `hearthcast.local`, or what was free of that kind; undefined while nothing is announced. */
  readonly hostName: string | undefined;
  /** To be called when this machine has other addresses: takes a name on the network that it is in now. */
  moved(): Promise<void>;
};

export type AnnouncerDeps = {
  port: () => number;
  /** The addresses that the name stands for. */
  addresses: () => readonly string[];
  log: Logger;
  /** Opens the multicast socket. */
  open?: () => MulticastDNS;
  /** Between two of the three times that a name is asked for before it is taken (RFC 6762 8.1). */
  probeIntervalMs?: number;
};

const PROBES = 3;
const PROBE_INTERVAL_MS = 250;
/** Another name after so many taken ones would surprise more than none. */
const MAX_NAMES = 9;
const SERVICE_TYPE = '_http._tcp.local';
const SERVICE_TYPES = '_services._dns-sd._udp.local';
/** RFC 6762 10: what names an address lives two minutes, all else 75. */
const HOST_TTL_SECONDS = 120;
const OTHER_TTL_SECONDS = 4_500;

/**
 * `hearthcast.local` and a web service in multicast DNS (RFC 6762, RFC 6763): asks whether the name is free, takes the next one
 * (`hearthcast-2.local`) when it is not, answers for it, and says goodbye at the end. Never more than a convenience: whatever goes
 * wrong is said in the log once and the relay goes on without.
 */
export function createAnnouncer({
  port,
  addresses,
  log,
  open = createMulticastDns,
  probeIntervalMs = PROBE_INTERVAL_MS,
}: AnnouncerDeps): Announcer {
  let socket: MulticastDNS | undefined;
  let hostName: string | undefined;
  let isStarted = false;
  let hasWarned = false;

  const records = (): Answer[] => recordsOf(hostName, { port: port(), addresses: addresses() });

  function warnOnce(error: unknown): void {
    if (hasWarned) return;
    hasWarned = true;
    log.warn({ err: error }, 'The relay cannot be announced on the network: TVs need its address instead of its name.');
  }

  function answer({ questions = [] }: QueryPacket): void {
    const own = records();
    const answers = own.filter((record) => questions.some((question) => isAskedFor(record, question)));
    // What an answer names is sent along (RFC 6763 12), so that one question is enough.
    if (answers.length > 0)
      socket?.respond({ answers, additionals: own.filter((record) => !answers.includes(record)) });
  }

  async function takeName(opened: MulticastDNS): Promise<string | undefined> {
    for (let number = 1; number <= MAX_NAMES; number += 1) {
      const name = `hearthcast${number === 1 ? '' : `-${number}`}.local`;
      if (!(await isTaken(opened, name))) return name;
      if (socket !== opened) return undefined;
      log.info({ name }, 'The name is taken by another device on the network.');
    }
    return undefined;
  }

  async function isTaken(opened: MulticastDNS, name: string): Promise<boolean> {
    let isHeld = false;
    const listen = ({ answers = [] }: ResponsePacket): void => {
      isHeld ||= answers.some((record) => isOthersAddress(record, name, addresses()));
    };
    opened.on('response', listen);
    for (let probe = 0; probe < PROBES && !isHeld && socket === opened; probe += 1) {
      opened.query(name, 'A');
      await sleep(probeIntervalMs);
    }
    opened.off('response', listen);
    return isHeld;
  }

  async function announce(opened: MulticastDNS): Promise<void> {
    const name = await takeName(opened);
    if (name === undefined || socket !== opened) return;
    hostName = name;
    opened.on('query', answer);
    opened.respond(records());
    log.info({ name }, `The relay is announced as ${name}.`);
  }

  function openSocket(): void {
    try {
      const opened = open();
      socket = opened;
      opened.on('error', warnOnce);
      opened.on('warning', (error) => log.debug({ err: error }, 'Multicast DNS had a hiccup.'));
      // Not awaited: the relay is there before its name is.
      announce(opened).catch(warnOnce);
    } catch (error) {
      warnOnce(error);
    }
  }

  return {
    name: 'announcer',
    get hostName() {
      return hostName;
    },
    start() {
      isStarted = true;
      openSocket();
    },
    async moved() {
      if (!isStarted) return;
      const closing = socket;
      socket = undefined;
      hostName = undefined;
      // A new one, because a socket has left the multicast group on an interface that was gone for a moment, and is not told so.
      if (closing !== undefined) await new Promise<void>((resolve) => closing.destroy(resolve));
      // Unless it was stopped meanwhile, or moved once more.
      if (isStarted && socket === undefined) openSocket();
    },
    async stop() {
      isStarted = false;
      const closing = socket;
      if (closing === undefined) return;
      const goodbye = records().map((record) => ({ ...record, ttl: 0 }) as Answer);
      socket = undefined;
      hostName = undefined;
      if (goodbye.length > 0) await new Promise<void>((resolve) => closing.respond(goodbye, () => resolve()));
      await new Promise<void>((resolve) => closing.destroy(resolve));
    },
  };
}

function recordsOf(
  hostName: string | undefined,
  { port, addresses }: { port: number; addresses: readonly string[] },
): Answer[] {
  if (hostName === undefined) return [];
  const instance = `Hearthcast (${hostName.replace(/\.local$/, '')}).${SERVICE_TYPE}`;
  return [
    ...addresses.map((data): Answer => ({ name: hostName, type: 'A', ttl: HOST_TTL_SECONDS, flush: true, data })),
    { name: SERVICE_TYPES, type: 'PTR', ttl: OTHER_TTL_SECONDS, data: SERVICE_TYPE },
    { name: SERVICE_TYPE, type: 'PTR', ttl: OTHER_TTL_SECONDS, data: instance },
    { name: instance, type: 'SRV', ttl: HOST_TTL_SECONDS, flush: true, data: { port, target: hostName } },
    { name: instance, type: 'TXT', ttl: OTHER_TTL_SECONDS, flush: true, data: ['path=/'] },
  ];
}

/** Names compare without regard to case (RFC 6762 16). */
function isAskedFor(record: Answer, { name, type }: { name: string; type?: string | undefined }): boolean {
  return record.name.toLowerCase() === name.toLowerCase() && (type === record.type || type === 'ANY');
}

function isOthersAddress(record: Answer, name: string, own: readonly string[]): boolean {
  return record.type === 'A' && record.name.toLowerCase() === name && !own.includes(record.data);
}
