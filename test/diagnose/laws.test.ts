// What holds for all checks together: ids, permissions, and that patterns and checks know each other.
import { expect, test } from 'vitest';
import { CHECKS } from '#shared/diagnose/checks.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';

const ids = CHECKS.map(({ id }) => id);
const named = CATALOGUE.flatMap((pattern) => pattern.checks.map((check) => ({ pattern: pattern.id, check })));

test('ids are unique, kebab-case and in order', () => {
  expect(ids).toEqual([...new Set(ids)].toSorted());
  for (const id of ids) expect(id).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
});

test('every check that a pattern names exists', () => {
  expect(named.filter(({ check }) => !ids.includes(check))).toEqual([]);
});

test('every check is named by some pattern', () => {
  expect(ids.filter((id) => !named.some(({ check }) => check === id))).toEqual([]);
});

test('no pattern names a check twice', () => {
  for (const { checks } of CATALOGUE) expect(new Set(checks).size).toBe(checks.length);
});

test('permissions are only ever for reading', () => {
  const permissions = CHECKS.flatMap((check) => check.permissions);
  for (const permission of permissions)
    expect(permission).toMatch(/^[a-z]+\.[a-zA-Z]+\.(?:get|list|getIamPolicy|getGuestAttributes)$/);
});
