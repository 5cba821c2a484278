import { useEffect, useState } from 'react';
import type { UpdateState } from '../shared/contract.ts';
import { useRelay } from './use-relay.ts';

/** How the program stands to newer versions of itself; undefined until that is known. */
export function useUpdates(): UpdateState | undefined {
  const relay = useRelay();
  const [state, setState] = useState<UpdateState>();
  useEffect(() => {
    let isLeft = false;
    const leave = relay.on('updates', setState);
    relay.call('updates.get', {}).then(
      // What was told meanwhile is newer.
      (first) => !isLeft && setState((known) => known ?? first),
      () => undefined,
    );
    return () => {
      isLeft = true;
      leave();
    };
  }, [relay]);
  return state;
}
