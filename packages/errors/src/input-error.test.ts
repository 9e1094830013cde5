import { expect, test } from 'vitest';
import { formatLocation, InputError } from './input-error.js';

test('a location reads file:line:column and leaves out what is not known', () => {
  expect(formatLocation({ file: 'a.csv', line: 3, column: 'SPEND' })).toBe('a.csv:3:SPEND');
  expect(formatLocation({ file: 'a.csv', line: 3 })).toBe('a.csv:3');
  expect(formatLocation({ file: 'a.csv' })).toBe('a.csv');
});

test('the message of an input error starts with the place', () => {
  const error = new InputError({
    what: 'not a number',
    where: { file: 'a.csv', line: 3 },
    remedy: 'write a number',
  });
  expect(error.message).toBe('a.csv:3: not a number');
  expect(error.remedy).toBe('write a number');
});
