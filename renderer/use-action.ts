import { notifications } from '@mantine/notifications';
import { useCallback, useState } from 'react';
import { toRelayError } from './failure.ts';
import { useFormat } from './use-format.ts';

/** Does something on the user's behalf, says so while it lasts, and shows the reason when it fails. */
export function useAction<Arguments extends unknown[]>(
  act: (...args: Arguments) => Promise<void>,
): { run: (...args: Arguments) => void; isRunning: boolean } {
  const format = useFormat();
  const [running, setRunning] = useState(0);
  const run = useCallback(
    (...args: Arguments): void => {
      setRunning((count) => count + 1);
      act(...args)
        .catch((error: unknown) => {
          notifications.show({ color: 'red', message: format.sentence(toRelayError(error).sentence) });
        })
        .finally(() => setRunning((count) => count - 1));
    },
    [act, format],
  );
  return { run, isRunning: running > 0 };
}
