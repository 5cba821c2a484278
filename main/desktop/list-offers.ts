import { commands, type CommandInput, type CommandOutput, type ListOrigin } from '../../shared/contract.ts';
import type { Sentence } from '../../shared/sentence.ts';
import type { Dispatch } from '../control/dispatch.ts';
import { maskUrl } from '../mask-url.ts';
import type { Labels } from './labels.ts';
import type { MainWindow } from './window.ts';

/** Lists that were handed to the app from outside: opened files, links, what a second start was given. */
export type ListOffers = {
  /** Takes a list over if the user agrees. Resolves when that is decided and done; one list after the other. */
  offer(origin: ListOrigin): Promise<void>;
};

type Reply<Value> = { ok: true; value: Value } | { ok: false; sentence: Sentence };

/** What a command of the window's is called by in the log of operations. */
const CALLER = { who: 'window' };

export function createListOffers({
  dispatch,
  window,
  labels,
}: {
  dispatch: Dispatch;
  window: MainWindow;
  labels: () => Labels;
}): ListOffers {
  let last: Promise<unknown> = Promise.resolve();
  let taskCount = 0;

  async function run<Name extends 'lists.plan' | 'lists.apply'>(
    name: Name,
    input: Omit<CommandInput<Name>, 'taskId'>,
  ): Promise<Reply<CommandOutput<Name>>> {
    taskCount += 1;
    const reply = await dispatch(name, { ...input, taskId: `offer-${taskCount}` }, CALLER);
    if (!reply.ok) return { ok: false, sentence: reply.error.sentence };
    return { ok: true, value: commands[name].output.parse(reply.value) as CommandOutput<Name> };
  }

  async function agrees(message: string, detail: string, button: string): Promise<boolean> {
    const buttons = [button, labels().offer.cancel];
    return (await window.ask({ type: 'question', message, detail, buttons })) === 0;
  }

  async function say(type: 'info' | 'error', message: string, detail: string): Promise<void> {
    await window.ask({ type, message, detail, buttons: [labels().offer.close] });
  }

  async function takeOver(origin: ListOrigin): Promise<void> {
    const { offer: text, sentence } = labels();
    // A file is the user's own doing. A link can be any page's, and just to read an address may do something.
    const isRead =
      origin.kind !== 'url' || (await agrees(text.readQuestion(maskUrl(origin.url)), text.readDetail, text.read));
    if (!isRead) return;
    const plan = await run('lists.plan', { origin });
    if (!plan.ok) return say('error', text.failed, sentence(plan.sentence));
    const { planId, name, before } = plan.value;
    const { added, changed, removed } = plan.value.counts;
    if (added + changed + removed === 0) return say('info', text.nothingNew(name), '');
    const detail = text.importDetail({ added, changed, removed });
    if (!(await agrees(text.importQuestion(name), detail, text.import))) return;
    // As it was wanted the last time.
    const report = await run('lists.apply', { planId, ...before });
    if (!report.ok) return say('error', text.failed, sentence(report.sentence));
    window.show('channels');
  }

  return {
    offer(origin) {
      const result = last.then(() => takeOver(origin));
      last = result.catch(() => undefined);
      return result;
    },
  };
}
