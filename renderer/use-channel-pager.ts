import { useEffect, useState, useSyncExternalStore } from 'react';
import { createChannelPager, type ChannelFilter, type ChannelPager, type ChannelPages } from './channel-pages.ts';
import { useConnection, useRelay, useRevision } from './use-relay.ts';
import { useSnapshot } from './use-snapshot.ts';

/** The channels that a filter lets through. What was shown stays until the first answer, so that typing does not flicker. */
export function useChannelPager(filter: ChannelFilter): { pager: ChannelPager; pages: ChannelPages } {
  const relay = useRelay();
  const revision = useRevision();
  const channelCount = useSnapshot((snapshot) => snapshot.channelCount);
  const isOnline = useConnection() === 'online';
  const question = JSON.stringify(filter);
  const [held, setHeld] = useState(() => ({ question, pager: createChannelPager({ relay, filter }) }));

  let { pager } = held;
  if (held.question !== question) {
    pager = createChannelPager({ relay, filter, previous: held.pager.get() });
    setHeld({ question, pager });
  }
  useEffect(() => {
    if (isOnline) pager.refresh();
  }, [pager, revision, channelCount, isOnline]);

  const pages = useSyncExternalStore(pager.subscribe, pager.get);
  return { pager, pages };
}
