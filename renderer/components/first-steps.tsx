import { Button } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useListUrls } from '../use-lan-url.ts';
import { useSnapshot } from '../use-snapshot.ts';
import { CopyButton } from './copy-button.tsx';
import { QrCode } from './qr-code.tsx';
import { ReachTest } from './reach-test.tsx';
import './first-steps.css';

type FirstStepsProps = { onAddList: () => void; onAddChannel: () => void };

/** From nothing to the first picture on the TV: each step is ticked off as it happens. */
export function FirstSteps({ onAddList, onAddChannel }: FirstStepsProps): ReactNode {
  const { t } = useTranslation();
  const url = useListUrls()[0];
  const hasChannels = useSnapshot(({ channelCount }) => channelCount > 0) ?? false;
  return (
    <section className="card first-steps" aria-labelledby="first-steps-title">
      <h2 id="first-steps-title" className="first-steps__title">
        {t('firstSteps.title')}
      </h2>
      <p className="first-steps__hint">{t('firstSteps.hint')}</p>
      <ol className="first-steps__list">
        <Step number={1} title={t('firstSteps.addTitle')} isDone={hasChannels} isNext={!hasChannels}>
          <p>{t('firstSteps.addText')}</p>
          <div className="first-steps__actions">
            <Button onClick={onAddList} variant={hasChannels ? 'default' : 'filled'}>
              {t('channels.addList')}
            </Button>
            <Button variant="default" onClick={onAddChannel}>
              {t('channels.addOne')}
            </Button>
          </div>
        </Step>
        <Step number={2} title={t('firstSteps.typeTitle')} isDone={false} isNext={hasChannels}>
          <p>{t('firstSteps.typeText')}</p>
          {url !== undefined && (
            <>
              <div className="first-steps__url">{url}</div>
              <div className="first-steps__address">
                <CopyButton text={url} variant={hasChannels ? 'filled' : 'default'} />
                <QrCode text={url} size={104} />
              </div>
            </>
          )}
        </Step>
        <Step number={3} title={t('firstSteps.watchTitle')} isDone={false} isNext={false}>
          <p>{t('firstSteps.watchText')}</p>
          <div className="first-steps__actions">
            <ReachTest />
          </div>
        </Step>
      </ol>
    </section>
  );
}

type StepProps = { number: number; title: string; isDone: boolean; isNext: boolean; children: ReactNode };

function Step({ number, title, isDone, isNext, children }: StepProps): ReactNode {
  const { t } = useTranslation();
  return (
    <li className={`first-steps__step ${isNext ? 'first-steps__step--next' : ''}`}>
      <span className={`first-steps__number ${isDone ? 'first-steps__number--done' : ''}`}>
        {isDone ? <IconCheck size={17} aria-label={t('firstSteps.done')} /> : number}
      </span>
      <div>
        <h3 className="first-steps__step-title">{title}</h3>
        {children}
      </div>
    </li>
  );
}
