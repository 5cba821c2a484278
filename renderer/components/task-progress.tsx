import { Button, Progress } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../use-format.ts';
import type { Task } from '../use-task.ts';
import './task-progress.css';

/** How far long work is, in figures and as a bar, with a way to end it. */
export function TaskProgress({ task }: { task: Task }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { progress } = task;
  const isMeasured = progress?.total !== null && progress !== undefined && progress.total > 0;
  const percent = isMeasured ? Math.min(100, (progress.done / (progress.total ?? 1)) * 100) : 100;
  return (
    <div className="task-progress" role="status">
      <div className="task-progress__text">
        <span className="truncate">{progress === undefined ? t('task.working') : format.sentence(progress.text)}</span>
        <span className="figures task-progress__figures">
          {progress !== undefined &&
            (isMeasured
              ? t('task.of', { done: format.count(progress.done), total: format.count(progress.total ?? 0) })
              : format.count(progress.done))}
        </span>
      </div>
      <Progress value={percent} animated={!isMeasured} transitionDuration={200} aria-label={t('task.working')} />
      <Button size="compact-sm" variant="subtle" color="gray" onClick={task.cancel}>
        {t('action.cancel')}
      </Button>
    </div>
  );
}
