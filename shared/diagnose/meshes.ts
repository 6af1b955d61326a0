// Is there a Mesh or Gateway resource of the name that the proxies send? Asked for wordings that name a mesh or a scope.
import { ask, fault, listNames, ok, unreadable, type Check } from './check.ts';
import { lastSegment, objectsOf, textOf, type JsonObject } from './json.ts';
import { isName, listMeshResources } from './requests.ts';
import { say } from './say.ts';

const MESHES_PERMISSION = 'networkservices.meshes.list';
const GATEWAYS_PERMISSION = 'networkservices.gateways.list';

/** Scopes that Google makes for managed meshes on GKE: no resource of the user's carries them. */
const MANAGED_SCOPE = /^gsmr?s?v?d?-/;

const readMeshes = (body: JsonObject): readonly string[] | undefined =>
  objectsOf(body['meshes'])?.map((mesh) => lastSegment(textOf(mesh['name'])));

const readScopes = (body: JsonObject): readonly string[] | undefined =>
  objectsOf(body['gateways'])
    ?.map((gateway) => textOf(gateway['scope']))
    .filter((scope) => scope !== '');

export const meshes: Check = {
  id: 'meshes',
  asks: 'Mesh resources by name, Gateway resources by scope',
  permissions: [MESHES_PERMISSION, GATEWAYS_PERMISSION],
  applies: ({ fields, meshProject }) =>
    isName(meshProject) && (fields['kind'] === 'mesh' || fields['kind'] === 'scope'),
  run: function* ({ fields, meshProject }) {
    const name = fields['name'] ?? '';
    const isMesh = fields['kind'] === 'mesh';
    const expected = say(isMesh ? 'mesh-expected' : 'gateway-expected', { name });
    if (!isMesh && MANAGED_SCOPE.test(name)) return unreadable(expected, say('scope-managed', { name }));
    const got = isMesh
      ? yield* ask(listMeshResources(meshProject, 'meshes'), MESHES_PERMISSION, readMeshes)
      : yield* ask(listMeshResources(meshProject, 'gateways'), GATEWAYS_PERMISSION, readScopes);
    if (got.kind !== 'read') return unreadable(expected, got.why);
    if (got.value.includes(name))
      return ok(expected, say(isMesh ? 'mesh-exists' : 'gateway-exists', { name }));
    if (got.partial.length > 0) return unreadable(expected, say('list-incomplete', {}));
    if (got.value.length === 0) return fault(expected, say(isMesh ? 'mesh-none' : 'gateway-none', { name }));
    const others = listNames(got.value);
    return fault(expected, say(isMesh ? 'mesh-missing' : 'gateway-missing', { name, others }));
  },
};
