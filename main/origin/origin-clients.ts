import { createOriginClient, type OriginClient } from './origin-client.ts';

type Options = { connectionsPerHost: number; upstreamProxy: string };

/** A client for each way to the origins that was ever asked for. */
export type OriginClients = {
  /** The same one for the same options. */
  for(options: Options): OriginClient;
  close(): Promise<void>;
};

/** One that is no longer used holds nothing: its connections end when they are idle. So whatever began with it can go on with it. */
export function createOriginClients({ now }: { now: () => number }): OriginClients {
  const clients = new Map<string, OriginClient>();

  return {
    for({ connectionsPerHost, upstreamProxy }) {
      const key = `${connectionsPerHost} ${upstreamProxy}`;
      const client = clients.get(key) ?? createOriginClient({ connectionsPerHost, upstreamProxy, now });
      clients.set(key, client);
      return client;
    },
    async close() {
      await Promise.all([...clients.values()].map((client) => client.close()));
    },
  };
}
