import * as z from 'zod';

/** One instruction of a Dockerfile, with its arguments as one line. */
export type Instruction = { name: string; text: string };

/** Reads what a Dockerfile does, in its order. Comments and line continuations are resolved. */
export function parseDockerfile(text: string): Instruction[] {
  const lines = text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n/g, ' ')
    .split('\n');
  return lines.filter((line) => line.trim() !== '').map(parseInstruction);
}

/** The arguments of the one instruction of that name. @throws when there is none, or several */
export function argumentsOf(instructions: readonly Instruction[], name: string): string {
  const [first, ...others] = instructions.filter((instruction) => instruction.name === name);
  if (first === undefined || others.length > 0) throw new Error(`the Dockerfile should say ${name} once`);
  return first.text;
}

/** The command of an instruction in its exec form: `["node", "-e", ...]`. */
export function execForm(text: string): [program: string, ...flags: string[]] {
  return z.tuple([z.string()], z.string()).parse(JSON.parse(/\[.*\]$/.exec(text)?.[0] ?? text));
}

function parseInstruction(line: string): Instruction {
  const [, name = '', text = ''] = /^\s*([A-Z]+)\s+(.*?)\s*$/.exec(line) ?? [];
  if (name === '') throw new Error(`no instruction of a Dockerfile: ${line}`);
  return { name, text: text.replaceAll(/\s+/g, ' ') };
}
