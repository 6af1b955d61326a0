// The messages of google.firestore.v1 that the server reads and writes, as plain data.
// They describe what proto-loader decodes with the options of codec.ts; nothing here runs.

/** A point in time: whole seconds since 1970 as decimal text, and nanoseconds. */
export interface Timestamp {
  readonly seconds: string;
  readonly nanos: number;
}

/** A field's value. Integers are decimal text, so that 64 bits survive. */
export type Value =
  | { readonly valueType: 'nullValue'; readonly nullValue: 'NULL_VALUE' }
  | { readonly valueType: 'booleanValue'; readonly booleanValue: boolean }
  | { readonly valueType: 'integerValue'; readonly integerValue: string }
  | { readonly valueType: 'doubleValue'; readonly doubleValue: number }
  | { readonly valueType: 'timestampValue'; readonly timestampValue: Timestamp }
  | { readonly valueType: 'stringValue'; readonly stringValue: string }
  | { readonly valueType: 'bytesValue'; readonly bytesValue: Buffer }
  | { readonly valueType: 'referenceValue'; readonly referenceValue: string }
  | {
      readonly valueType: 'geoPointValue';
      readonly geoPointValue: { readonly latitude: number; readonly longitude: number };
    }
  | { readonly valueType: 'arrayValue'; readonly arrayValue: ArrayValue }
  | { readonly valueType: 'mapValue'; readonly mapValue: { readonly fields: Fields } };

interface ArrayValue {
  readonly values: readonly Value[];
}

export type Fields = Readonly<Record<string, Value>>;

export interface DocumentMessage {
  readonly name: string;
  readonly fields: Fields;
  readonly createTime: Timestamp | null;
  readonly updateTime: Timestamp | null;
}

export interface DocumentMask {
  readonly fieldPaths: readonly string[];
}

export type Precondition =
  | { readonly conditionType?: undefined }
  | { readonly conditionType: 'exists'; readonly exists: boolean }
  | { readonly conditionType: 'updateTime'; readonly updateTime: Timestamp };

export type FieldTransform = { readonly fieldPath: string } & (
  | { readonly transformType?: undefined }
  | { readonly transformType: 'setToServerValue'; readonly setToServerValue: string }
  | { readonly transformType: 'increment'; readonly increment: Value }
  | { readonly transformType: 'maximum'; readonly maximum: Value }
  | { readonly transformType: 'minimum'; readonly minimum: Value }
  | { readonly transformType: 'appendMissingElements'; readonly appendMissingElements: ArrayValue }
  | { readonly transformType: 'removeAllFromArray'; readonly removeAllFromArray: ArrayValue }
);

export type Write = {
  readonly updateMask: DocumentMask | null;
  readonly updateTransforms: readonly FieldTransform[];
  readonly currentDocument: Precondition | null;
} & (
  | { readonly operation?: undefined }
  | { readonly operation: 'update'; readonly update: DocumentMessage }
  | { readonly operation: 'delete'; readonly delete: string }
  | {
      readonly operation: 'transform';
      readonly transform: { readonly document: string; readonly fieldTransforms: readonly FieldTransform[] };
    }
);

export interface WriteResult {
  readonly updateTime: Timestamp | null;
  readonly transformResults: readonly Value[];
}

export interface Status {
  readonly code: number;
  readonly message: string;
}

export type TransactionOptions =
  | { readonly mode?: undefined }
  | { readonly mode: 'readOnly'; readonly readOnly: { readonly readTime?: Timestamp | null } }
  | { readonly mode: 'readWrite'; readonly readWrite: { readonly retryTransaction: Buffer } };

/** How a read names its transaction or its point in time. */
export type Consistency =
  | { readonly consistencySelector?: undefined }
  | { readonly consistencySelector: 'transaction'; readonly transaction: Buffer }
  | { readonly consistencySelector: 'newTransaction'; readonly newTransaction: TransactionOptions }
  | { readonly consistencySelector: 'readTime'; readonly readTime: Timestamp };

interface FieldReference {
  readonly fieldPath: string;
}

type FieldOperator =
  | 'OPERATOR_UNSPECIFIED'
  | 'LESS_THAN'
  | 'LESS_THAN_OR_EQUAL'
  | 'GREATER_THAN'
  | 'GREATER_THAN_OR_EQUAL'
  | 'EQUAL'
  | 'NOT_EQUAL'
  | 'ARRAY_CONTAINS'
  | 'IN'
  | 'ARRAY_CONTAINS_ANY'
  | 'NOT_IN';

export type UnaryOperator = 'OPERATOR_UNSPECIFIED' | 'IS_NAN' | 'IS_NULL' | 'IS_NOT_NAN' | 'IS_NOT_NULL';

export interface FieldFilter {
  readonly field: FieldReference;
  readonly op: FieldOperator;
  readonly value: Value;
}

export type Filter =
  | { readonly filterType?: undefined }
  | {
      readonly filterType: 'compositeFilter';
      readonly compositeFilter: {
        readonly op: 'OPERATOR_UNSPECIFIED' | 'AND' | 'OR';
        readonly filters: readonly Filter[];
      };
    }
  | { readonly filterType: 'fieldFilter'; readonly fieldFilter: FieldFilter }
  | {
      readonly filterType: 'unaryFilter';
      readonly unaryFilter: { readonly op: UnaryOperator; readonly field: FieldReference };
    };

export interface Cursor {
  readonly values: readonly Value[];
  readonly before: boolean;
}

export interface StructuredQuery {
  readonly select: { readonly fields: readonly FieldReference[] } | null;
  readonly from: readonly { readonly collectionId: string; readonly allDescendants: boolean }[];
  readonly where: Filter | null;
  readonly orderBy: readonly { readonly field: FieldReference; readonly direction: string }[];
  readonly startAt: Cursor | null;
  readonly endAt: Cursor | null;
  readonly offset: number;
  readonly limit: { readonly value: number } | null;
  readonly findNearest: object | null;
}

export type Aggregation = { readonly alias: string } & (
  | { readonly operator?: undefined }
  | { readonly operator: 'count'; readonly count: { readonly upTo: { readonly value: string } | null } }
  | { readonly operator: 'sum'; readonly sum: { readonly field: FieldReference } }
  | { readonly operator: 'avg'; readonly avg: { readonly field: FieldReference } }
);

export interface CommitRequest {
  readonly database: string;
  readonly writes: readonly Write[];
  readonly transaction: Buffer;
}

export interface CommitResponse {
  readonly writeResults: readonly WriteResult[];
  readonly commitTime: Timestamp;
}

export interface BatchWriteRequest {
  readonly database: string;
  readonly writes: readonly Write[];
}

export interface BatchWriteResponse {
  readonly writeResults: readonly WriteResult[];
  readonly status: readonly Status[];
}

export interface BeginTransactionRequest {
  readonly database: string;
  readonly options: TransactionOptions | null;
}

export interface TransactionMessage {
  readonly transaction: Buffer;
}

export type BatchGetRequest = Consistency & {
  readonly database: string;
  readonly documents: readonly string[];
  readonly mask: DocumentMask | null;
};

export interface BatchGetResponse {
  readonly found?: DocumentMessage;
  readonly missing?: string;
  readonly transaction?: Buffer;
  readonly readTime: Timestamp;
}

export type RunQueryRequest = Consistency & {
  readonly parent: string;
  readonly structuredQuery?: StructuredQuery;
  readonly explainOptions: object | null;
};

export interface RunQueryResponse {
  readonly document?: DocumentMessage;
  readonly transaction?: Buffer;
  readonly readTime: Timestamp;
  readonly skippedResults?: number;
  readonly done?: boolean;
}

export type RunAggregationRequest = Consistency & {
  readonly parent: string;
  readonly structuredAggregationQuery?: {
    readonly structuredQuery?: StructuredQuery;
    readonly aggregations: readonly Aggregation[];
  };
  readonly explainOptions: object | null;
};

export interface RunAggregationResponse {
  readonly result: { readonly aggregateFields: Fields };
  readonly transaction?: Buffer;
  readonly readTime: Timestamp;
}

export type ListDocumentsRequest = Consistency & {
  readonly parent: string;
  readonly collectionId: string;
  readonly pageSize: number;
  readonly pageToken: string;
  readonly orderBy: string;
  readonly mask: DocumentMask | null;
  readonly showMissing: boolean;
};

export interface ListDocumentsResponse {
  readonly documents: readonly DocumentMessage[];
  readonly nextPageToken: string;
}

export type ListCollectionIdsRequest = Consistency & {
  readonly parent: string;
  readonly pageSize: number;
  readonly pageToken: string;
};

export interface ListCollectionIdsResponse {
  readonly collectionIds: readonly string[];
  readonly nextPageToken: string;
}
