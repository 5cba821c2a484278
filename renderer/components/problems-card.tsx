import { Anchor } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconExclamationCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../../shared/stats.ts';
import { useFormat } from '../use-format.ts';
import { routeHref } from '../use-route.ts';
import { useSnapshot } from '../use-snapshot.ts';
import './problems-card.css';

/** What is wrong and what to do about it; a plain word when nothing is. */
export function ProblemsCard(): ReactNode {
  const { t } = useTranslation();
  const problems = useSnapshot((snapshot) => snapshot.problems) ?? [];
  return (
    <section className="card" aria-labelledby="problems-title">
      <h2 id="problems-title" className="problems-card__title">
        {t('home.problems')}
      </h2>
      {problems.length === 0 ? (
        <p className="problems-card__none">
          <IconCircleCheck size={19} stroke={1.7} aria-hidden />
          {t('home.noProblems')}
        </p>
      ) : (
        <ul className="problems-card__list">
          {problems.map((problem) => (
            <ProblemRow key={`${problem.code} ${problem.channelId ?? ''} ${problem.sentence.text}`} problem={problem} />
          ))}
        </ul>
      )}
    </section>
  );
}

function ProblemRow({ problem }: { problem: Problem }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const ProblemIcon = problem.severity === 'error' ? IconExclamationCircle : IconAlertTriangle;
  return (
    <li className={`problems-card__row problems-card__row--${problem.severity}`}>
      <ProblemIcon size={19} stroke={1.7} aria-label={t(`severity.${problem.severity}`)} />
      <span>
        {format.sentence(problem.sentence)}
        {problem.channelId !== null && (
          <Anchor className="problems-card__link" href={routeHref('channels', problem.channelId)} size="sm">
            {t('home.showChannel')}
          </Anchor>
        )}
      </span>
    </li>
  );
}
