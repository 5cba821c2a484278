import type { ReactNode } from 'react';
import './settings-section.css';

/** A group of settings under one name. */
export function SettingsSection({
  id,
  title,
  children,
}: {
  id: string;
  title: string;
  children: ReactNode;
}): ReactNode {
  return (
    <section className="card settings-section" id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`} className="settings-section__title">
        {title}
      </h2>
      {children}
    </section>
  );
}

/** A setting that is switched: what it does at the left, the switch at the right. */
export function SettingRow({ children }: { children: ReactNode }): ReactNode {
  return <div className="setting-row">{children}</div>;
}
