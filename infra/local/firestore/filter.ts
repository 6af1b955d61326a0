// Turns a query's filter into a predicate over documents.
// In: the filter message. Out: a function; and the fields that the filter compares by inequality.
import { NAME_FIELD, getField, parseFieldPath } from './field-path.ts';
import { invalidArgument } from './firestore-error.ts';
import { compareText, compareValues, equalValues, numberOf, typeOrder } from './values.ts';
import type { FieldFilter, Filter, UnaryOperator, Value } from './proto.ts';
import type { DocumentChange } from './stored-document.ts';

/** Values that `in` and `array-contains-any` take, and `not-in`. */
const IN_VALUES_MAX = 30;
const NOT_IN_VALUES_MAX = 10;

export type Predicate = (document: DocumentChange) => boolean;

/** How a field is read from a document; undefined where the document lacks it. */
export type Getter = (document: DocumentChange) => Value | undefined;

type Test = (value: Value) => boolean;

/** The getter of a field path; `__name__` reads the document's own name. */
export function getterOf(fieldPath: string): Getter {
  if (fieldPath === NAME_FIELD) {
    return ({ name }) => ({ valueType: 'referenceValue', referenceValue: name });
  }
  const path = parseFieldPath(fieldPath);
  return ({ fields }) => getField(fields, path);
}

/** Compiles a filter; no filter lets every document pass. */
export function predicateOf(filter: Filter | null): Predicate {
  switch (filter?.filterType) {
    case undefined:
      return () => true;
    case 'compositeFilter': {
      const parts = filter.compositeFilter.filters.map(predicateOf);
      switch (filter.compositeFilter.op) {
        case 'AND':
          return (document) => parts.every((part) => part(document));
        case 'OR':
          return (document) => parts.some((part) => part(document));
        case 'OPERATOR_UNSPECIFIED':
          throw invalidArgument('A composite filter must have an operator.');
      }
      throw invalidArgument('The operator of a composite filter is unknown.');
    }
    case 'fieldFilter':
      return tested(filter.fieldFilter.field.fieldPath, fieldTest(filter.fieldFilter));
    case 'unaryFilter':
      return tested(filter.unaryFilter.field.fieldPath, unaryTest(filter.unaryFilter.op));
  }
}

function tested(fieldPath: string, test: Test): Predicate {
  const get = getterOf(fieldPath);
  return (document) => {
    const value = get(document);
    return value !== undefined && test(value);
  };
}

function isNull(value: Value): boolean {
  return value.valueType === 'nullValue';
}

function isNaNValue(value: Value): boolean {
  return value.valueType === 'doubleValue' && Number.isNaN(value.doubleValue);
}

function unaryTest(operator: UnaryOperator): Test {
  switch (operator) {
    case 'IS_NULL':
      return isNull;
    case 'IS_NAN':
      return isNaNValue;
    case 'IS_NOT_NULL':
      return (value) => !isNull(value);
    case 'IS_NOT_NAN':
      return (value) => !isNull(value) && !isNaNValue(value);
    case 'OPERATOR_UNSPECIFIED':
      throw invalidArgument('A unary filter must have an operator.');
  }
  throw invalidArgument('The operator of a unary filter is unknown.');
}

/** Inequalities compare within one type only, and never match NaN. */
function ordered(operand: Value, holds: (difference: number) => boolean): Test {
  const type = typeOrder(operand);
  return (value) => typeOrder(value) === type && !isNaNValue(value) && holds(compareValues(value, operand));
}

function listOf(filter: FieldFilter, countMax: number): readonly Value[] {
  const { value, op } = filter;
  if (value.valueType !== 'arrayValue' || value.arrayValue.values.length === 0) {
    throw invalidArgument(`'${op}' requires a non-empty ArrayValue.`);
  }
  if (value.arrayValue.values.length > countMax) {
    throw invalidArgument(`'${op}' supports up to ${countMax} comparison values.`);
  }
  return value.arrayValue.values;
}

/** Null and NaN in a list never match: they equal nothing. */
function isAnyOf(values: readonly Value[]): Test {
  const comparable = values.filter((one) => !isNull(one) && !isNaNValue(one));
  return (value) => comparable.some((one) => equalValues(one, value));
}

function contains(test: Test): Test {
  return (value) => value.valueType === 'arrayValue' && value.arrayValue.values.some(test);
}

function fieldTest(filter: FieldFilter): Test {
  const operand = filter.value;
  switch (filter.op) {
    case 'EQUAL':
      return (value) => equalValues(value, operand);
    case 'NOT_EQUAL':
      return (value) => !isNull(value) && !equalValues(value, operand);
    case 'LESS_THAN':
      return ordered(operand, (difference) => difference < 0);
    case 'LESS_THAN_OR_EQUAL':
      return ordered(operand, (difference) => difference <= 0);
    case 'GREATER_THAN':
      return ordered(operand, (difference) => difference > 0);
    case 'GREATER_THAN_OR_EQUAL':
      return ordered(operand, (difference) => difference >= 0);
    case 'ARRAY_CONTAINS':
      return contains((value) => equalValues(value, operand));
    case 'ARRAY_CONTAINS_ANY':
      return contains(isAnyOf(listOf(filter, IN_VALUES_MAX)));
    case 'IN':
      return isAnyOf(listOf(filter, IN_VALUES_MAX));
    case 'NOT_IN': {
      const values = listOf(filter, NOT_IN_VALUES_MAX);
      if (values.some(isNull)) return () => false;
      const isListed = isAnyOf(values);
      return (value) => !isNull(value) && !isListed(value);
    }
    case 'OPERATOR_UNSPECIFIED':
      throw invalidArgument('A field filter must have an operator.');
  }
  throw invalidArgument('The operator of a field filter is unknown.');
}

const INEQUALITIES: ReadonlySet<string> = new Set([
  'LESS_THAN',
  'LESS_THAN_OR_EQUAL',
  'GREATER_THAN',
  'GREATER_THAN_OR_EQUAL',
  'NOT_EQUAL',
  'NOT_IN',
  'IS_NOT_NULL',
  'IS_NOT_NAN',
]);

/** The fields that a filter compares by inequality, in the order in which Firestore sorts by them. */
export function inequalityFields(filter: Filter | null): string[] {
  const found = new Set<string>();
  const collect = (one: Filter | null): void => {
    switch (one?.filterType) {
      case undefined:
        return;
      case 'compositeFilter':
        for (const part of one.compositeFilter.filters) collect(part);
        return;
      case 'fieldFilter':
        if (INEQUALITIES.has(one.fieldFilter.op)) found.add(one.fieldFilter.field.fieldPath);
        return;
      case 'unaryFilter':
        if (INEQUALITIES.has(one.unaryFilter.op)) found.add(one.unaryFilter.field.fieldPath);
    }
  };
  collect(filter);
  return [...found].sort(compareText);
}

/** The only names that can match, where the filter says so by `__name__ ==` or `in`. */
export function namesIn(filter: Filter | null): readonly string[] | undefined {
  if (filter?.filterType === 'compositeFilter' && filter.compositeFilter.op === 'AND') {
    for (const part of filter.compositeFilter.filters) {
      const names = namesIn(part);
      if (names !== undefined) return names;
    }
    return undefined;
  }
  if (filter?.filterType !== 'fieldFilter' || filter.fieldFilter.field.fieldPath !== NAME_FIELD) {
    return undefined;
  }
  const { op, value } = filter.fieldFilter;
  if (op === 'EQUAL' && value.valueType === 'referenceValue') return [value.referenceValue];
  if (op !== 'IN' || value.valueType !== 'arrayValue') return undefined;
  const names = value.arrayValue.values.flatMap((one) =>
    one.valueType === 'referenceValue' ? [one.referenceValue] : [],
  );
  return [...new Set(names)];
}

/** The number value of a field, for sums; undefined for other types. */
export function numberIn(value: Value | undefined): number | undefined {
  return value?.valueType === 'integerValue' || value?.valueType === 'doubleValue'
    ? numberOf(value)
    : undefined;
}
