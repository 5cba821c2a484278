import { useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import './settings-nav.css';

/** The sections of the settings in their order; each is the id of one. */
const SECTIONS = ['appearance', 'network', 'access', 'cache', 'providers', 'computer', 'backup', 'about'] as const;
type Section = (typeof SECTIONS)[number];

/** What one reads stands above this height of the window. */
const READING_LINE = 0.3;

/** The way to each section of the long page, beside it where there is room. */
export function SettingsNav(): ReactNode {
  const { t } = useTranslation();
  const { current, goTo } = useSectionInView();
  return (
    <nav className="settings-nav" aria-label={t('settings.sections')}>
      {SECTIONS.map((section) => (
        <button
          key={section}
          type="button"
          className="settings-nav__link"
          aria-current={section === current ? 'true' : undefined}
          onClick={() => goTo(section)}
        >
          {t(`settings.${section}`)}
        </button>
      ))}
    </nav>
  );
}

/** The section that one reads. The last ones may be too short to come up to where one reads: those are where one went to. */
function useSectionInView(): { current: Section; goTo: (section: Section) => void } {
  const [inView, setInView] = useState<Section>(SECTIONS[0]);
  const [chosen, setChosen] = useState<Section>();
  useEffect(() => {
    const look = ({ target }: Event): void => {
      if (target instanceof Element && target.querySelector('.settings-nav') !== null) setInView(sectionIn(target));
    };
    const leave = (): void => setChosen(undefined);
    document.addEventListener('scroll', look, { capture: true, passive: true });
    const byHand = ['wheel', 'touchmove', 'keydown', 'pointerdown'] as const;
    for (const name of byHand) document.addEventListener(name, leave, { capture: true, passive: true });
    return () => {
      document.removeEventListener('scroll', look, { capture: true });
      for (const name of byHand) document.removeEventListener(name, leave, { capture: true });
    };
  }, []);
  return {
    current: chosen ?? inView,
    goTo(section) {
      setChosen(section);
      document.getElementById(section)?.scrollIntoView({ behavior: 'smooth' });
    },
  };
}

function sectionIn(page: Element): Section {
  const isAtEnd = page.scrollTop + page.clientHeight >= page.scrollHeight - 1;
  const line = page.clientHeight * READING_LINE;
  const begins = (section: Section): boolean =>
    (document.getElementById(section)?.getBoundingClientRect().top ?? Infinity) < line;
  return (isAtEnd ? SECTIONS.at(-1) : SECTIONS.findLast(begins)) ?? SECTIONS[0];
}
