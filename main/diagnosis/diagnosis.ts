import type { Source } from '../../shared/channel.ts';
import type { Diagnosis } from '../../shared/contract.ts';
import type { Sentence } from '../../shared/sentence.ts';
import { say } from '../../shared/sentences.ts';
import { identityOf } from '../origin/source-identity.ts';
import { examine, type Conclusion, type Examination, type ExaminationDeps } from './examination.ts';
import { headerSetsFor } from './header-sets.ts';
import { createHostQueue } from './host-queue.ts';

/** A source of a channel, and which of its sources that is. */
export type SourceToCheck = { source: Source; index: number };

export type CheckProgress<Item extends SourceToCheck> = {
  /** The one that was just checked. */
  item: Item;
  diagnosis: Diagnosis;
  done: number;
  total: number;
};

/** Finds out whether sources play, and if not, why. Gentle: a host has one check at a time, with a rest in between. */
export type Diagnoser = {
  /** @throws the signal's reason when it is aborted */
  diagnose(item: SourceToCheck, options: { signal: AbortSignal }): Promise<Diagnosis>;
  /**
   * Several at once, but one after the other at each host.
   * @throws the signal's reason when it is aborted; what was told until then holds
   */
  diagnoseMany<Item extends SourceToCheck>(
    items: readonly Item[],
    options: { signal: AbortSignal; onProgress: (progress: CheckProgress<Item>) => void },
  ): Promise<{ checked: number; broken: number }>;
};

export type DiagnosisDeps = ExaminationDeps & {
  /** What providers see of the relay, unless a source says otherwise. */
  userAgent: string;
  lanHosts: readonly string[];
  /** Milliseconds since 1970, for people; `now` is never set back. */
  wallClock: () => number;
};

const REST_BETWEEN_CHECKS_MS = 2_000;
const HOSTS_AT_ONCE = 4;

export function createDiagnosis({ userAgent, lanHosts, wallClock, ...deps }: DiagnosisDeps): Diagnoser {
  const { now, pause } = deps;
  const queue = createHostQueue({ now, pause, restMs: REST_BETWEEN_CHECKS_MS });

  async function examineAs(source: Source, signal: AbortSignal): Promise<Examination> {
    const identity = identityOf(source, { userAgent, lanHosts, onBytes: () => undefined });
    const examination = await examine(deps, { url: source.url, identity, signal });
    const { restMs } = examination.conclusion;
    if (restMs !== undefined) queue.rest(hostOf(source), restMs);
    return examination;
  }

  /** The first player that the provider lets in, after it has turned away the source's own. */
  async function findBetterHeaders(
    source: Source,
    { refusal, sentence }: Conclusion & { refusal: string | Sentence },
    signal: AbortSignal,
  ): Promise<Pick<Diagnosis, 'sentence' | 'findings' | 'betterHeaders'>> {
    const findings: Sentence[] = [];
    for (const { owner, headers } of headerSetsFor(source.url)) {
      if (headers['User-Agent'] === (source.headers['User-Agent'] ?? userAgent) && !('Referer' in headers)) continue;
      await pause(REST_BETWEEN_CHECKS_MS, signal);
      const betterHeaders = { ...source.headers, ...headers };
      const { conclusion, findings: more } = await examineAs({ ...source, headers: betterHeaders }, signal);
      if (conclusion.restMs !== undefined) break;
      if (conclusion.verdict !== 'broken')
        return {
          sentence: say('plays.otherwise', { refusal, owner }),
          findings: [...findings, ...more],
          betterHeaders,
        };
      findings.push(say('seen.withHeaders', { owner, outcome: conclusion.sentence }));
    }
    return { sentence, findings, betterHeaders: null };
  }

  async function check({ source, index }: SourceToCheck, signal: AbortSignal): Promise<Diagnosis> {
    const { conclusion, findings } = await examineAs(source, signal);
    const { verdict, sentence, refusal } = conclusion;
    const own = { verdict, sentence, findings: [...findings], betterHeaders: null, source: index };
    if (refusal === undefined) return { ...own, checkedAt: wallClock() };
    const better = await findBetterHeaders(source, { ...conclusion, refusal }, signal);
    return { ...own, ...better, findings: [...findings, sentence, ...better.findings], checkedAt: wallClock() };
  }

  function diagnose(item: SourceToCheck, { signal }: { signal: AbortSignal }): Promise<Diagnosis> {
    return queue.run(hostOf(item.source), signal, () => check(item, signal));
  }

  return {
    diagnose,

    async diagnoseMany(items, { signal, onProgress }) {
      const counts = { checked: 0, broken: 0 };
      // One iterator for all who take from it, so that each host has one of them.
      const hosts = Map.groupBy(items, ({ source }) => hostOf(source)).values();
      const checkHosts = async (): Promise<void> => {
        for (const itemsOfHost of hosts) {
          for (const item of itemsOfHost) {
            const diagnosis = await diagnose(item, { signal });
            counts.checked += 1;
            if (diagnosis.verdict === 'broken') counts.broken += 1;
            onProgress({ item, diagnosis, done: counts.checked, total: items.length });
          }
        }
      };
      await Promise.all(Array.from({ length: HOSTS_AT_ONCE }, checkHosts));
      return counts;
    },
  };
}

function hostOf({ url }: Source): string {
  return URL.parse(url)?.host ?? '';
}
