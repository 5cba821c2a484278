import { Redis } from 'ioredis';
import { createStoreClient, type StoreClient } from '../../main/store/store-client.ts';

/** A client of a real Redis, as the relay has it: one connection for what is small, one for bodies. */
export async function connectStoreClient(url: string): Promise<AsyncDisposable & { client: StoreClient }> {
  const connections = { small: new Redis(url, { lazyConnect: true }), bulk: new Redis(url, { lazyConnect: true }) };
  await Promise.all(Object.values(connections).map((connection) => connection.connect()));
  return {
    client: createStoreClient(connections),
    async [Symbol.asyncDispose]() {
      for (const connection of Object.values(connections)) connection.disconnect();
    },
  };
}
