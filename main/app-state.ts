import { NO_OUTCOMES, type Problem, type Snapshot } from '../shared/stats.ts';

/** What a relay says about itself once a second. */
export type AppState = Omit<Snapshot, 'at' | 'status' | 'version' | 'startedAt'>;

const NO_FLOW = { fromSource: 0, toClients: 0 };

/** Of a relay that has not run yet. */
export const EMPTY_STATE: AppState = {
  relayPort: 0,
  lanUrls: [],
  channelCount: 0,
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
  store,
  isRedisWanted,
  refusedClients,
}: {
  lanUrls: readonly string[];
  store: string;
  isRedisWanted: boolean;
  refusedClients: number;
}): Problem[] {
  const problems: Problem[] = [];
  if (lanUrls.length === 0) {
    problems.push(problem('NO_NETWORK', 'This computer is in no network that TVs could reach it through.', {}));
  }
  if (isRedisWanted && store !== 'redis') {
    const reason = store.replace(/^embedded: /, '');
    problems.push(problem('REDIS_UNUSABLE', `Redis is not in use: ${reason}. The relay does without.`, { reason }));
  }
  if (refusedClients > 0) {
    const count = String(refusedClients);
    const who = refusedClients === 1 ? 'A device' : `${count} devices`;
    problems.push(problem('CLIENTS_REFUSED', `${who} from outside the home network tried to connect.`, { count }));
  }
  return problems;
}

function problem(code: string, sentence: string, parameters: Record<string, string>): Problem {
  return { code, severity: 'warning', sentence, parameters, channelId: null };
}
