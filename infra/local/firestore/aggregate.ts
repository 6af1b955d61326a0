// Counts, sums and averages over the results of a query.
// In: documents and the aggregations asked for. Out: one value per alias.
import { getterOf, numberIn, type Getter } from './filter.ts';
import { invalidArgument } from './firestore-error.ts';
import type { Aggregation, Fields, Value } from './proto.ts';
import type { StoredDocument } from './stored-document.ts';

/** Aggregations that one query may ask for. */
const AGGREGATIONS_MAX = 5;

const INTEGER_LIMIT = 2n ** 63n;

/** Works out all aggregations; a document that lacks a summed or averaged field counts nowhere. */
export function aggregate(
  documents: readonly StoredDocument[],
  aggregations: readonly Aggregation[],
): Fields {
  if (aggregations.length === 0 || aggregations.length > AGGREGATIONS_MAX) {
    throw invalidArgument(`A query must have 1 to ${AGGREGATIONS_MAX} aggregations.`);
  }
  const getters = aggregations.flatMap((one) => {
    const getter = fieldGetter(one);
    return getter === undefined ? [] : [getter];
  });
  const counted = documents.filter((document) => getters.every((get) => get(document) !== undefined));
  return Object.fromEntries(
    aggregations.map((one, index) => [one.alias || `field_${index + 1}`, aggregated(counted, one)]),
  );
}

function fieldGetter(aggregation: Aggregation): Getter | undefined {
  switch (aggregation.operator) {
    case 'sum':
      return getterOf(aggregation.sum.field.fieldPath);
    case 'avg':
      return getterOf(aggregation.avg.field.fieldPath);
    case 'count':
    case undefined:
      return undefined;
  }
}

function aggregated(documents: readonly StoredDocument[], aggregation: Aggregation): Value {
  const get = fieldGetter(aggregation);
  const values = get === undefined ? [] : documents.map(get);
  switch (aggregation.operator) {
    case 'count': {
      const upTo = Number(aggregation.count.upTo?.value ?? Number.POSITIVE_INFINITY);
      return { valueType: 'integerValue', integerValue: String(Math.min(documents.length, upTo)) };
    }
    case 'sum':
      return sumOf(values);
    case 'avg': {
      const numbers = values.flatMap((value) => numberIn(value) ?? []);
      if (numbers.length === 0) return { valueType: 'nullValue', nullValue: 'NULL_VALUE' };
      const sum = numbers.reduce((total, one) => total + one, 0);
      return { valueType: 'doubleValue', doubleValue: sum / numbers.length };
    }
    case undefined:
      throw invalidArgument('An aggregation must have an operator.');
  }
}

/** An integer as long as all numbers are integers and the sum fits into 64 bits, else a double. */
function sumOf(values: readonly (Value | undefined)[]): Value {
  let whole = 0n;
  let total = 0;
  let isWhole = true;
  for (const value of values) {
    const number = numberIn(value);
    if (number === undefined) continue;
    total += number;
    if (value?.valueType === 'integerValue') whole += BigInt(value.integerValue);
    else isWhole = false;
  }
  return isWhole && whole < INTEGER_LIMIT && whole >= -INTEGER_LIMIT
    ? { valueType: 'integerValue', integerValue: String(whole) }
    : { valueType: 'doubleValue', doubleValue: total };
}
