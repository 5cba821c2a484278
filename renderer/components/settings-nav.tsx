import { useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import './settings-nav.css';

/** The sections of the settings in their order; each is the id of one. */
const SECTIONS = ['appearance', 'network', 'access', 'cache', 'providers', 'computer', 'backup', 'about'] as const;
type Section = (typeof SECTIONS)[number];

/** The upper part of the view, where one reads. */
const READ_ZONE = '0px 0px -70% 0px';

/** The way to each section of the long page, beside it where there is room. */
export function SettingsNav(): ReactNode {
  const { t } = useTranslation();
  const current = useSectionInView();
  return (
    <nav className="settings-nav" aria-label={t('settings.sections')}>
      {SECTIONS.map((section) => (
        <button
          key={section}
          type="button"
          className="settings-nav__link"
          aria-current={section === current ? 'true' : undefined}
          onClick={() => document.getElementById(section)?.scrollIntoView({ behavior: 'smooth' })}
        >
          {t(`settings.${section}`)}
        </button>
      ))}
    </nav>
  );
}

function useSectionInView(): Section {
  const [current, setCurrent] = useState<Section>(SECTIONS[0]);
  useEffect(() => {
    const inView = new Set<string>();
    const observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          if (isIntersecting) inView.add(target.id);
          else inView.delete(target.id);
        }
        setCurrent((last) => SECTIONS.find((section) => inView.has(section)) ?? last);
      },
      { rootMargin: READ_ZONE },
    );
    for (const section of SECTIONS) {
      const element = document.getElementById(section);
      if (element !== null) observer.observe(element);
    }
    return () => observer.disconnect();
  }, []);
  return current;
}
