import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonElements } from '../../../main/channels/json-elements.ts';

test('the elements of any array are those that JSON.parse finds, however it is written', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.constantFrom(undefined, 1, '\t'), (elements, indent) => {
      const bytes = Buffer.from(` ${JSON.stringify(elements, null, indent)}\n`);
      expect([...jsonElements(bytes)]).toEqual(JSON.parse(bytes.toString()));
    }),
  );
});

test.for(['', '{}', '[1, 2', '[1 2]', '["a]', '[{]'])('%s is a syntax error', (text) => {
  expect(() => [...jsonElements(Buffer.from(text))]).toThrow(SyntaxError);
});

test.for([
  ['nested without end', `[${'['.repeat(3_000_000)}]`],
  ['a string without end', `["${'x'.repeat(3_000_000)}"]`],
  ['a long object', `[1, {"a": [${'1,'.repeat(1_500_000)}1]}]`],
] as const)('an element that is %s is not read', ([, text]) => {
  expect(() => [...jsonElements(Buffer.from(text))]).toThrow(SyntaxError);
});
