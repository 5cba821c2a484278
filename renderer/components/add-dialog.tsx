import { Modal, SegmentedControl } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ImportPlan, ImportReport, ListOrigin } from '../../shared/contract.ts';
import { useFormat } from '../use-format.ts';
import { useRelay } from '../use-relay.ts';
import { navigate } from '../use-route.ts';
import { useTask, type Task } from '../use-task.ts';
import { AddChannelForm } from './add-channel-form.tsx';
import { AddListForm } from './add-list-form.tsx';
import { PlanPreview } from './plan-preview.tsx';

export type AddMode = 'channel' | 'list' | 'xtream';
const MODES = ['list', 'xtream', 'channel'] as const satisfies AddMode[];

/** Longer than other notes: who has waited for a long list may have looked away. */
const REPORT_SHOWN_MS = 12_000;

type AddDialogProps = {
  /** Undefined: closed. */
  mode: AddMode | undefined;
  /** Planned at once, when it is known already. */
  origin?: ListOrigin;
  onClose: () => void;
};

/** Adds a channel, or a whole list after showing what it would change. */
export function AddDialog({ mode, origin, onClose }: AddDialogProps): ReactNode {
  const { t } = useTranslation();
  const [plan, setPlan] = useState<ImportPlan>();
  const close = (): void => {
    setPlan(undefined);
    onClose();
  };
  return (
    <Modal
      opened={mode !== undefined}
      onClose={close}
      size={plan === undefined ? 600 : 940}
      title={plan === undefined ? t('add.title') : t('plan.title', { name: plan.name })}
      centered
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {mode !== undefined && <AddSteps first={mode} origin={origin} plan={plan} onPlan={setPlan} onClose={close} />}
    </Modal>
  );
}

type AddStepsProps = {
  first: AddMode;
  origin: ListOrigin | undefined;
  plan: ImportPlan | undefined;
  onPlan: (plan: ImportPlan | undefined) => void;
  onClose: () => void;
};

/** Lives as long as the dialog is open, so that closing it cancels what is under way. */
function AddSteps({ first, origin, plan, onPlan, onClose }: AddStepsProps): ReactNode {
  const { t } = useTranslation();
  const [mode, setMode] = useState(first);
  const planning = usePlanning(onPlan);
  const sayDone = useReport();

  useEffect(() => {
    if (origin !== undefined) planning.start(origin);
    // Once, for what the dialog was opened with.
  }, [origin]);

  if (plan !== undefined) {
    return (
      <PlanPreview
        plan={plan}
        onBack={() => onPlan(undefined)}
        onDone={(report) => {
          sayDone(report);
          onClose();
          navigate('channels');
        }}
      />
    );
  }
  return (
    <>
      <SegmentedControl
        fullWidth
        mb="lg"
        aria-label={t('add.what')}
        value={mode}
        disabled={planning.task.isRunning}
        onChange={(value) => setMode(MODES.find((known) => known === value) ?? 'list')}
        data={MODES.map((value) => ({ value, label: t(`add.modes.${value}`) }))}
      />
      {mode === 'channel' ? (
        <AddChannelForm
          onDone={(id) => {
            onClose();
            navigate('channels', id);
          }}
        />
      ) : (
        <AddListForm key={mode} kind={mode} task={planning.task} onPlan={planning.start} />
      )}
    </>
  );
}

/** Reads a list and finds out what it would change. */
function usePlanning(onPlan: (plan: ImportPlan) => void): { task: Task; start: (origin: ListOrigin) => void } {
  const relay = useRelay();
  const task = useTask();
  const start = (origin: ListOrigin): void => {
    void task
      .start((taskId) => relay.call('lists.plan', { origin, taskId }))
      .then((plan) => plan !== undefined && onPlan(plan));
  };
  return { task, start };
}

function useReport(): (report: ImportReport) => void {
  const { t } = useTranslation();
  const format = useFormat();
  return ({ added, changed, removed }) =>
    void notifications.show({
      autoClose: REPORT_SHOWN_MS,
      message: t('lists.report', {
        added: format.count(added),
        changed: format.count(changed),
        removed: format.count(removed),
      }),
    });
}
