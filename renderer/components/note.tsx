import type { ReactNode } from 'react';
import type { Tone } from './status-dot.tsx';
import './note.css';

type NoteProps = { tone: Tone; role: 'alert' | 'status'; title: string; children?: ReactNode };

/** A sentence that must be read, and what belongs to it. */
export function Note({ tone, role, title, children }: NoteProps): ReactNode {
  return (
    <div className={`note note--${tone}`} role={role}>
      <div className="note__title">{title}</div>
      {children}
    </div>
  );
}
