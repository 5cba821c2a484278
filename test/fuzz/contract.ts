import fc from 'fast-check';
import * as z from 'zod';
import { commands, type CommandName } from '../../shared/contract.ts';
import { startControlledRelay, type ControlledRelay } from '../support/control-relay.ts';
import { changedBackups } from './backups.ts';
import { confined, HARMLESS } from './confined.ts';
import { hostile, hostileText, NOWHERE, SECRET } from './hostile.ts';
import type { Report } from './guided.ts';

const PASSPHRASE = 'correct horse';

/** As much of JSON Schema as zod writes. */
type JsonSchema = {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  format?: string;
  pattern?: string;
};

/** Values that a schema may let in, and now and then, at any depth, some that it must not. */
function valuesOf(schema: JsonSchema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 9, arbitrary: fittingOf(schema) }, { weight: 1, arbitrary: hostile });
}

function fittingOf(schema: JsonSchema): fc.Arbitrary<unknown> {
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map(valuesOf));
  switch (schema.type) {
    case 'object': {
      const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => [name, valuesOf(field)] as const);
      return fc.record(Object.fromEntries(fields), { requiredKeys: [] });
    }
    case 'array':
      return fc.array(valuesOf(schema.items ?? {}), { maxLength: 4 });
    case 'integer':
    case 'number':
      return fc.oneof(fc.nat(3), fc.integer());
    case 'boolean':
      return fc.boolean();
    case 'string':
      if (schema.format === 'uri') return fc.constantFrom(...NOWHERE);
      return schema.pattern === undefined ? hostileText : fc.oneof(fc.constant('ch_one'), hostileText);
    default:
      return hostile;
  }
}

const RUNS_PER_ROUND = 25;

type Call = { name: CommandName; input: unknown };

/** @param backups of the relay that is asked, for the commands that want one */
function callsOf(backups: readonly string[]): fc.Arbitrary<Call> {
  const names = Object.keys(commands) as CommandName[];
  return fc.oneof(
    ...names.map((name): fc.Arbitrary<Call> => {
      const schema = z.toJSONSchema(commands[name].input, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
      const inputs = valuesOf(schema);
      if (name !== 'backup.restore') return inputs.map((input) => ({ name, input: confined(input) }));
      const restorable = changedBackups(backups).map((text) => ({ text, passphrase: PASSPHRASE }));
      return fc.oneof(restorable, inputs).map((input) => ({ name, input }));
    }),
  );
}

/** An answer is the contract's, or a failure with a sentence; never a bug, and never with somebody's password in its words. */
async function expectAnswer(relay: ControlledRelay, name: CommandName, input: unknown): Promise<void> {
  const reply = await relay.control.dispatch(name, input, { who: 'fuzz' });
  if (reply.ok) {
    commands[name].output.parse(reply.value);
    return;
  }
  const said = JSON.stringify(reply.error);
  if (reply.error.code === 'BUG') throw new Error(`a bug: ${said}`);
  if (said.includes(SECRET)) throw new Error(`a secret came out: ${said}`);
}

/** Asks every command with input that fits its schema more or less, until told to stop or a promise is broken. */
export async function fuzzContract({
  seed,
  isOver,
}: {
  seed: number;
  isOver: (runs: number) => boolean;
}): Promise<Report> {
  const target = 'contract';
  await using relay = await startControlledRelay();
  // What is saved is restored, so it must be as harmless as what the relay was started with.
  await relay.ask('settings.save', { settings: HARMLESS });
  await relay.ask('channels.add', { name: 'One', source: { url: NOWHERE[0], headers: {} } });
  const plain = await relay.ask('backup.create', { passphrase: '' });
  const sealed = await relay.ask('backup.create', { passphrase: PASSPHRASE });
  const calls = callsOf([plain.text, sealed.text]);
  let runs = 0;
  for (let round = 0; !isOver(runs); round += 1) {
    const property = fc.asyncProperty(calls, async ({ name, input }) => {
      runs += 1;
      await expectAnswer(relay, name, input);
    });
    const result = await fc.check(property, { seed: seed + round, numRuns: RUNS_PER_ROUND });
    if (!result.failed) continue;
    const input = Buffer.from(JSON.stringify(result.counterexample));
    const reason = String(result.errorInstance);
    return { target, runs, inputsKept: 0, finding: { target, input, reason } };
  }
  return { target, runs, inputsKept: 0, finding: undefined };
}
