import pino from 'pino';
import type { Logger } from '../../main/log.ts';

/** A logger that only remembers what it was told, from warnings on. */
export function recordLog(): { log: Logger; messages: readonly string[] } {
  const messages: string[] = [];
  const write = (line: string): void => void messages.push((JSON.parse(line) as { msg: string }).msg);
  return { log: pino({ level: 'warn', base: null }, { write }), messages };
}
