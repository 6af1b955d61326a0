// One question to a Google REST API and what came back: plain values, so that the core can ask and read without a client.
// Only questions exist: GET, and the two POSTs that Google's discovery documents define as reads.

export type GoogleService =
  | 'compute'
  | 'serviceusage'
  | 'cloudresourcemanager'
  | 'networkservices'
  | 'monitoring';

export interface GoogleRequest {
  readonly service: GoogleService;
  readonly method: 'GET' | 'POST';
  /** Path below the service's host, without a leading slash; variable parts already percent-encoded. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
  /** Name of the list in the answer: its pages are followed and joined. Without it one page is one answer. */
  readonly list?: string;
}

export type GoogleAnswer =
  /** `partial` names what Google could not reach; a list is complete only if it is empty. */
  | { readonly kind: 'body'; readonly body: unknown; readonly partial: readonly string[] }
  /** 401 or 403: the account may not; `why` in Google's own words. */
  | { readonly kind: 'refused'; readonly why: string }
  /** 404. */
  | { readonly kind: 'absent'; readonly why: string }
  /** 429, or a 403 that is a quota, to the last try; also when our own budget is spent. */
  | { readonly kind: 'busy'; readonly why: string }
  | { readonly kind: 'timeout'; readonly why: string }
  /** The body is no JSON object. */
  | { readonly kind: 'malformed'; readonly why: string }
  /** Anything else: a bad request, a server in trouble, no network. */
  | { readonly kind: 'failed'; readonly why: string };

/** Hosts of the services, as their discovery documents name them. */
export const GOOGLE_HOSTS: Readonly<Record<GoogleService, string>> = {
  compute: 'https://compute.googleapis.com/',
  serviceusage: 'https://serviceusage.googleapis.com/',
  cloudresourcemanager: 'https://cloudresourcemanager.googleapis.com/',
  networkservices: 'https://networkservices.googleapis.com/',
  monitoring: 'https://monitoring.googleapis.com/',
};

/** The POSTs that change nothing. */
const READING_POST = /(?::getIamPolicy|\/getHealth)$/;

/** Whether a request only reads; anything else is never sent. */
export function onlyReads(request: GoogleRequest): boolean {
  return request.method === 'GET' ? request.body === undefined : READING_POST.test(request.path);
}

/** A request in words, as a person can repeat it. */
export function requestInWords(request: GoogleRequest): string {
  const query = Object.entries(request.query)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const host = GOOGLE_HOSTS[request.service].replace('https://', '');
  return `${request.method} ${host}${request.path}${query === '' ? '' : `?${query}`}`;
}
