// The indexes that infra/firestore.tf declares, in the words of firestore-indexes.ts.
// In: Terraform as data. Out: composite indexes and changed fields. Throws where a resource no longer reads these locals.
import { z } from 'zod';
import type { CompositeIndex, DeclaredIndexes, FieldOverride } from './firestore-indexes.ts';
import type { Terraform } from './terraform.ts';

const direction = z.enum(['ASCENDING', 'DESCENDING']);
const scope = z.enum(['COLLECTION', 'COLLECTION_GROUP']).default('COLLECTION');

const indexesSchema = z.record(
  z.string(),
  z.strictObject({
    collection: z.string(),
    scope,
    fields: z.array(
      z.union([
        z.strictObject({ path: z.string(), order: direction }),
        z.strictObject({ path: z.string(), array: z.literal('CONTAINS') }),
      ]),
    ),
  }),
);
const unindexedSchema = z.record(z.string(), z.array(z.string()));
const indexedSchema = z.record(
  z.string(),
  z.strictObject({ collection: z.string(), field: z.string(), scope, orders: z.array(direction) }),
);
const expiringSchema = z.record(z.string(), z.strictObject({ collection: z.string(), field: z.string() }));

const eachField = {
  collection: z.literal('${each.value.collection}'),
  field: z.literal('${each.value.field}'),
};
const noIndexes = z.tuple([z.strictObject({})]);

const SCOPE_OF_EACH = z.literal('${try(each.value.scope, "COLLECTION")}');

/** How the resources read the locals above: another form needs another reading. */
const indexResources = z.strictObject({
  this: z.looseObject({
    for_each: z.literal('${local.indexes}'),
    collection: z.literal('${each.value.collection}'),
    query_scope: SCOPE_OF_EACH,
    dynamic: z.object({
      fields: z.tuple([
        z.object({
          for_each: z.literal('${each.value.fields}'),
          content: z.tuple([
            z.object({
              field_path: z.literal('${fields.value.path}'),
              order: z.literal('${try(fields.value.order, null)}'),
              array_config: z.literal('${try(fields.value.array, null)}'),
            }),
          ]),
        }),
      ]),
    }),
  }),
});
const fieldResources = z.strictObject({
  unindexed: z.looseObject({
    ...eachField,
    for_each: z.literal('${local._unindexed_fields}'),
    index_config: noIndexes,
  }),
  indexed: z.looseObject({
    ...eachField,
    for_each: z.literal('${local.indexed_fields}'),
    index_config: z.tuple([
      z.object({
        dynamic: z.object({
          indexes: z.tuple([
            z.object({
              for_each: z.literal('${each.value.orders}'),
              content: z.tuple([
                z.object({ order: z.literal('${indexes.value}'), query_scope: SCOPE_OF_EACH }),
              ]),
            }),
          ]),
        }),
      }),
    ]),
  }),
  expiring: z.looseObject({
    ...eachField,
    for_each: z.literal('${local.expiring_fields}'),
    index_config: noIndexes,
    ttl_config: noIndexes,
  }),
});

/** Everything that changes which indexes there are. */
export function indexesInTerraform(terraform: Terraform): DeclaredIndexes {
  indexResources.parse(terraform.resources('google_firestore_index'));
  fieldResources.parse(terraform.resources('google_firestore_field'));
  const composites = Object.values(indexesSchema.parse(terraform.local('indexes'))).map(
    ({ fields, ...rest }): CompositeIndex => ({
      ...rest,
      fields: fields.map((one) => ({ field: one.path, mode: 'order' in one ? one.order : one.array })),
    }),
  );
  const unindexed = Object.entries(unindexedSchema.parse(terraform.local('unindexed_fields'))).flatMap(
    ([collection, fields]) => fields.map((field): FieldOverride => ({ collection, field, indexes: [] })),
  );
  const indexed = Object.values(indexedSchema.parse(terraform.local('indexed_fields'))).map(
    ({ collection, field, orders, ...rest }): FieldOverride => ({
      collection,
      field,
      indexes: orders.map((mode) => ({ mode, scope: rest.scope })),
    }),
  );
  return { composites, overrides: [...unindexed, ...indexed, ...expiringFields(terraform)] };
}

/** Fields by whose time documents go; none of them is indexed. */
export function expiringFields(terraform: Terraform): readonly FieldOverride[] {
  return Object.values(expiringSchema.parse(terraform.local('expiring_fields'))).map((one) => ({
    ...one,
    indexes: [],
  }));
}
