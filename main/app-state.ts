import type { Sentence } from '../shared/sentence.ts';
import { say } from '../shared/sentences.ts';
import { NO_OUTCOMES, type Problem, type Snapshot } from '../shared/stats.ts';

/** What a relay says about itself once a second. */
export type AppState = Omit<Snapshot, 'at' | 'status' | 'version' | 'startedAt'>;

const NO_FLOW = { fromSource: 0, toClients: 0 };

/** Of a relay that has not run yet. */
export const EMPTY_STATE: AppState = {
  relayPort: 0,
  lanUrls: [],
  channelCount: 0,
  channelsRevision: 0,
  traffic: { totalBytes: NO_FLOW, bytesPerSecond: NO_FLOW, bytesPerSecond10: NO_FLOW },
  channels: [],
  viewers: [],
  cache: {
    memoryBytes: 0,
    memoryLimitBytes: 0,
    memoryEntries: 0,
    store: 'embedded',
    storeBytes: null,
    outcomes: NO_OUTCOMES,
  },
  problems: [],
  refusedClients: 0,
};

/** What its user should know, worst first. */
export function problemsOf({
  lanUrls,
  redisTrouble,
  refusedClients,
}: {
  lanUrls: readonly string[];
  /** Why the Redis that is wanted is not in use. */
  redisTrouble: Sentence | undefined;
  refusedClients: number;
}): Problem[] {
  const problems: Problem[] = [];
  if (lanUrls.length === 0) {
    problems.push(problem('NO_NETWORK', say('problem.noNetwork')));
  }
  if (redisTrouble !== undefined) {
    problems.push(problem('REDIS_UNUSABLE', say('problem.redis', { reason: redisTrouble })));
  }
  if (refusedClients > 0) {
    problems.push(problem('CLIENTS_REFUSED', say('problem.refused', { count: refusedClients })));
  }
  return problems;
}

function problem(code: string, sentence: Sentence): Problem {
  return { code, severity: 'warning', sentence, channelId: null };
}
