import { Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useCallback, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { toRelayError } from './failure.ts';
import { useFormat } from './use-format.ts';
import { useRelay } from './use-relay.ts';

const OFFERED_MS = 8000;

/** Says what was done and offers to take it back; `undo` takes back the last change without asking. */
export function useUndo(): { offerUndo: (done: string) => void; undo: () => void } {
  const { t } = useTranslation();
  const format = useFormat();
  const relay = useRelay();

  const undo = useCallback(() => {
    relay.call('channels.undo', {}).then(
      ({ what }) =>
        void notifications.show({
          message: what === null ? t('undo.nothing') : t('undo.done', { what: format.sentence(what) }),
        }),
      (error: unknown) =>
        void notifications.show({ color: 'red', message: format.sentence(toRelayError(error).sentence) }),
    );
  }, [relay, t, format]);

  const offerUndo = useCallback(
    (done: string) => {
      const id = notifications.show({
        autoClose: OFFERED_MS,
        message: (
          <Group justify="space-between" wrap="nowrap">
            <span>{done}</span>
            <Button
              size="compact-sm"
              variant="light"
              onClick={() => {
                notifications.hide(id);
                undo();
              }}
            >
              {t('action.undo')}
            </Button>
          </Group>
        ),
      });
    },
    [undo, t],
  );

  return useMemo(() => ({ offerUndo, undo }), [offerUndo, undo]);
}
