// Is the API that the proxies need enabled? Reads the state from Service Usage, by the project's id or number.
import { ask, fault, ok, unreadable, type Check, type Subject } from './check.ts';
import { textOf, type JsonObject } from './json.ts';
import { getApi, isName } from './requests.ts';
import { say } from './say.ts';

const PERMISSION = 'serviceusage.services.get';
const CONTROL_PLANE = 'trafficdirector.googleapis.com';
const API = /^[a-z0-9-]{1,60}\.googleapis\.com$/;

/** An agent that falls silent depends on Logging; everything else on the control plane, unless the line names an API. */
function apiOf({ pattern, fields, scope }: Subject): string {
  const named = fields['api'] ?? scope['api'] ?? '';
  if (API.test(named)) return named;
  return pattern === 'agent-silent' ? 'logging.googleapis.com' : CONTROL_PLANE;
}

const readState = (body: JsonObject): string | undefined => textOf(body['state']) || undefined;

export const apiState: Check = {
  id: 'api-state',
  asks: 'state of the API that the incident is about, otherwise of trafficdirector.googleapis.com',
  permissions: [PERMISSION],
  applies: ({ meshProject }) => isName(meshProject),
  run: function* (subject) {
    const api = apiOf(subject);
    const expected = say('api-expected', { api });
    const got = yield* ask(getApi(subject.meshProject, api), PERMISSION, readState);
    if (got.kind !== 'read') return unreadable(expected, got.why);
    if (got.value === 'ENABLED') return ok(expected, say('api-enabled', { api }));
    if (got.value === 'DISABLED')
      return fault(expected, say('api-disabled', { api, project: subject.meshProject }));
    return unreadable(expected, say('api-other', { state: got.value }));
  },
};
