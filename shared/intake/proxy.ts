// An entry's resource and labels in, the proxy that it is about out. Says nothing where the entry says nothing.
import type { ProxyIdentity } from '../model/record.ts';
import { isObject, stringOf, type JsonObject } from './json.ts';

const NOTHING: JsonObject = {};
const RESOURCE_NAME = 'compute.googleapis.com/resource_name';
/** A managed instance group appends four characters to its base name. */
const MIG_SUFFIX_CHARS = 4;
const GROUP_MANAGERS = '/instanceGroupManagers/';

/** Hash of a replica set and of a pod; istio never sees names without one of these three forms. */
const REPLICA_SET_POD = /-[bcdfghjklmnpqrstvwxz2456789]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}$/;
const DAEMON_SET_POD = /-[bcdfghjklmnpqrstvwxz2456789]{5}$/;
const STATEFUL_SET_POD = /-\d{1,5}$/;

/** Labels under which other resources name what wrote the entry, best first. */
const OTHER_NAMES = ['instance_id', 'node_id', 'task_id', 'service_name', 'job', 'instance_name'] as const;

export const UNKNOWN_PROXY: ProxyIdentity = {
  project: '',
  location: '',
  name: '',
  displayName: '',
  group: '',
};

function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : NOTHING;
}

/** `projects/P/logs/L` names the project even where the resource does not. */
function projectOfLog(logName: string): string {
  if (!logName.startsWith('projects/')) return '';
  const end = logName.indexOf('/', 9);
  return end < 0 ? '' : logName.slice(9, end);
}

/** Base name of the managed instance group that named a VM; `` if the name does not end in four such characters. */
function groupOfVm(name: string): string {
  const dash = name.length - MIG_SUFFIX_CHARS - 1;
  if (dash < 1 || name.charCodeAt(dash) !== 45) return '';
  for (let at = dash + 1; at < name.length; at++) {
    const code = name.charCodeAt(at);
    if (!(code >= 97 && code <= 122) && !(code >= 48 && code <= 57)) return '';
  }
  return name.slice(0, dash);
}

function managerOf(labels: JsonObject, entry: JsonObject): string {
  const own = stringOf(labels['created-by']) || stringOf(labels['compute.googleapis.com/created-by']);
  const createdBy = own || stringOf(objectOf(objectOf(entry['metadata'])['userLabels'])['created-by']);
  if (createdBy === '') return '';
  const at = createdBy.lastIndexOf(GROUP_MANAGERS);
  return at < 0 ? '' : createdBy.slice(at + GROUP_MANAGERS.length);
}

function groupOfPod(pod: string): string {
  for (const form of [REPLICA_SET_POD, STATEFUL_SET_POD, DAEMON_SET_POD]) {
    const group = pod.replace(form, '');
    if (group !== pod) return group;
  }
  return pod;
}

function vm(entry: JsonObject, resource: JsonObject, labels: JsonObject): ProxyIdentity {
  const id = stringOf(resource['instance_id']);
  const given = stringOf(labels['instance_name']) || stringOf(labels[RESOURCE_NAME]);
  const displayName = given || id;
  return {
    project: stringOf(resource['project_id']),
    location: stringOf(resource['zone']),
    name: id || given,
    displayName,
    group: managerOf(labels, entry) || groupOfVm(given),
  };
}

function pod(resource: JsonObject, labels: JsonObject): ProxyIdentity {
  const name = stringOf(resource['pod_name']);
  const parts = [stringOf(resource['cluster_name']), stringOf(resource['namespace_name']), name];
  return {
    project: stringOf(resource['project_id']),
    location: stringOf(resource['location']) || stringOf(resource['zone']),
    name: parts.filter((part) => part !== '').join('/'),
    displayName: name,
    group: stringOf(labels['logging.gke.io/top_level_controller_name']) || groupOfPod(name),
  };
}

function other(resource: JsonObject, labels: JsonObject): ProxyIdentity {
  const found = OTHER_NAMES.map((label) => stringOf(resource[label])).find((name) => name !== '') ?? '';
  const given = stringOf(labels['instance_name']) || stringOf(labels[RESOURCE_NAME]);
  return {
    project: stringOf(resource['project_id']),
    location: stringOf(resource['location']) || stringOf(resource['zone']) || stringOf(resource['region']),
    name: found || given,
    displayName: given || found,
    group: groupOfVm(given),
  };
}

/** The proxy of an entry; every field is `` where the entry does not tell. */
export function proxyOf(entry: JsonObject, logName: string): ProxyIdentity {
  const resource = objectOf(entry['resource']);
  const values = objectOf(resource['labels']);
  const labels = objectOf(entry['labels']);
  const type = resource['type'];
  let proxy: ProxyIdentity;
  if (type === 'gce_instance') proxy = vm(entry, values, labels);
  else if (type === 'k8s_container' || type === 'k8s_pod') proxy = pod(values, labels);
  else if (isObject(entry['resource'])) proxy = other(values, labels);
  else proxy = UNKNOWN_PROXY;
  return proxy.project === '' ? { ...proxy, project: projectOfLog(logName) } : proxy;
}
