import { notifications } from '@mantine/notifications';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { failureSentence, toRelayError } from './failure.ts';

/** Does something on the user's behalf, says so while it lasts, and shows the reason when it fails. */
export function useAction<Arguments extends unknown[]>(
  act: (...args: Arguments) => Promise<void>,
): { run: (...args: Arguments) => void; isRunning: boolean } {
  const { t } = useTranslation();
  const [running, setRunning] = useState(0);
  const run = useCallback(
    (...args: Arguments): void => {
      setRunning((count) => count + 1);
      act(...args)
        .catch((error: unknown) => {
          notifications.show({ color: 'red', message: failureSentence(t, toRelayError(error)) });
        })
        .finally(() => setRunning((count) => count - 1));
    },
    [act, t],
  );
  return { run, isRunning: running > 0 };
}
