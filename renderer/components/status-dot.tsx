import type { ReactNode } from 'react';
import './status-dot.css';

export type Tone = 'good' | 'warning' | 'bad' | 'neutral';

type StatusDotProps = {
  tone: Tone;
  /** Something goes on right now: a halo around it. */
  isAtWork?: boolean;
};

/** A state as a colour; what it means always stands beside it in words. */
export function StatusDot({ tone, isAtWork = false }: StatusDotProps): ReactNode {
  return <span className={`status-dot status-dot--${tone} ${isAtWork ? 'status-dot--at-work' : ''}`} aria-hidden />;
}
