// Field transforms: what the server computes from a field's present value when a write is applied.
// In: the value before and the transform. Out: the value after and the result that the client is told.
import { checkedValue } from './checked-value.ts';
import { invalidArgument } from './firestore-error.ts';
import { timestampOf } from './micros.ts';
import { compareValues, equalValues, numberOf } from './values.ts';
import type { FieldTransform, Value } from './proto.ts';

const INTEGER_MAX = 2n ** 63n - 1n;
const INTEGER_MIN = -(2n ** 63n);

const NULL: Value = { valueType: 'nullValue', nullValue: 'NULL_VALUE' };

/** A transform's effect: the field's new value, and the result for the client. */
export interface Transformed {
  readonly value: Value;
  readonly result: Value;
}

/**
 * Applies one transform to a field.
 * @param before The field's value, undefined when the field is missing.
 * @param atMicros The time of the commit, in microseconds.
 */
export function transformed(
  before: Value | undefined,
  transform: FieldTransform,
  atMicros: number,
): Transformed {
  switch (transform.transformType) {
    case 'setToServerValue': {
      const value: Value = { valueType: 'timestampValue', timestampValue: timestampOf(atMicros) };
      return { value, result: value };
    }
    case 'increment':
      return told(incremented(before, numeric(transform.increment)));
    case 'maximum':
      return told(extreme(before, numeric(transform.maximum), 1));
    case 'minimum':
      return told(extreme(before, numeric(transform.minimum), -1));
    case 'appendMissingElements': {
      const values = [...elementsOf(before)];
      for (const element of transform.appendMissingElements.values.map(checkedValue)) {
        if (!values.some((one) => equalValues(one, element))) values.push(element);
      }
      return { value: { valueType: 'arrayValue', arrayValue: { values } }, result: NULL };
    }
    case 'removeAllFromArray': {
      const removed = transform.removeAllFromArray.values;
      const values = elementsOf(before).filter((one) => !removed.some((other) => equalValues(one, other)));
      return { value: { valueType: 'arrayValue', arrayValue: { values } }, result: NULL };
    }
    case undefined:
      throw invalidArgument(`The transform of "${transform.fieldPath}" has no type.`);
  }
}

function told(value: Value): Transformed {
  return { value, result: value };
}

function elementsOf(value: Value | undefined): readonly Value[] {
  return value?.valueType === 'arrayValue' ? value.arrayValue.values : [];
}

function isNumber(value: Value): boolean {
  return value.valueType === 'integerValue' || value.valueType === 'doubleValue';
}

function numeric(operand: Value): Value {
  if (!isNumber(operand)) throw invalidArgument('The operand of a numeric transform must be a number.');
  return operand;
}

function incremented(before: Value | undefined, by: Value): Value {
  if (before === undefined || !isNumber(before)) return by;
  if (before.valueType === 'integerValue' && by.valueType === 'integerValue') {
    const sum = BigInt(before.integerValue) + BigInt(by.integerValue);
    const kept = sum > INTEGER_MAX ? INTEGER_MAX : sum;
    return { valueType: 'integerValue', integerValue: String(kept < INTEGER_MIN ? INTEGER_MIN : kept) };
  }
  return { valueType: 'doubleValue', doubleValue: numberOf(before) + numberOf(by) };
}

/** The larger (`sign` 1) or smaller (-1) number; NaN wins always, and of equals the stored one stays. */
function extreme(before: Value | undefined, operand: Value, sign: 1 | -1): Value {
  if (before === undefined || !isNumber(before)) return operand;
  if (Number.isNaN(numberOf(before))) return before;
  if (Number.isNaN(numberOf(operand))) return operand;
  return sign * compareValues(operand, before) > 0 ? operand : before;
}
