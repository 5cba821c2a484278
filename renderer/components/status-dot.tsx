import type { ReactNode } from 'react';
import './status-dot.css';

export type Tone = 'good' | 'warning' | 'bad' | 'neutral';

/** A state as a colour; what it means always stands beside it in words. */
export function StatusDot({ tone, isPulsing = false }: { tone: Tone; isPulsing?: boolean }): ReactNode {
  return <span className={`status-dot status-dot--${tone} ${isPulsing ? 'status-dot--pulsing' : ''}`} aria-hidden />;
}
