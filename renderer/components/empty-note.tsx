import type { Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import './empty-note.css';

type EmptyNoteProps = { icon: Icon; title: string; text: string; children?: ReactNode };

/** What stands where nothing is: why, and what to do. */
export function EmptyNote({ icon: NoteIcon, title, text, children }: EmptyNoteProps): ReactNode {
  return (
    <div className="empty-note">
      <span className="empty-note__icon">
        <NoteIcon size={26} stroke={1.5} aria-hidden />
      </span>
      <h2 className="empty-note__title">{title}</h2>
      <p className="empty-note__text">{text}</p>
      {children !== undefined && <div className="empty-note__actions">{children}</div>}
    </div>
  );
}
