// What machines put in front of a program's line in, the offset of that line out: syslog, the kernel, start-up scripts,
// containers' names, istio's old `[Envoy (Epoch 0)] `. The inner prefix is left to the next reader.
import type { RecordSource } from '../model/record.ts';
import { CODE, matchAt, skipBlanks, type PrefixDraft } from './prefix-draft.ts';

const SYSLOG =
  /(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d [\w.:-]{1,255} ([^\s:[\]]{1,128})(?:\[\d{1,10}\])?: ?/y;
const SYSLOG_TIME_CHARS = 15;
const KERNEL = /\[ {0,8}\d{1,10}\.\d{6}\] /y;
/** A program that writes through the kernel; of a fault the kernel itself speaks. */
const THROUGH_KERNEL = /([A-Za-z][\w.@/-]{1,63})\[\d{1,10}\]: (?!segfault at|general protection|trap )/y;
/** The runner that was written in Python put its own level in front, the same for everything a script prints. */
const SCRIPT = /(?:(?:DEBUG|INFO|WARNING|ERROR) )?((?:startup|shutdown)-script)(?:-url)?: /y;
const EPOCH = /\[Envoy \(Epoch \d{1,6}\)\] */y;
/**
 * `envoy_1  | `, `istio-proxy: `, `shop/cart-x2x4z[istio-proxy]: `, `[pod/cart/istio-proxy] `, `> `: what `docker compose`,
 * kubectl and people who copy logs put in front. A whole time must follow, so that no message loses its first words.
 */
const BEFORE_ENVOY =
  /(?:[a-z][\w./-]{0,150}(?:\[[\w.-]{1,100}\]| [a-z][\w.-]{0,100})?(?: {0,40}\||:)? +|\[pod\/[\w./-]{1,200}\] +|[>*#$|-]{1,3} +)(?=\[\d{4}-\d\d-\d\d[ T]\d\d:)/y;
const BEFORE_AGENT =
  /(?:[a-z][\w.-]{0,100} {0,40}\| +|\[pod\/[\w./-]{1,200}\] +|[>*#$|-]{1,3} +)(?=\d{4}-\d\d-\d\dT[\d:.]{8,20}Z[ \t])/y;
/** Envoy's place in its own source, where the copy begins. */
const SOURCE_ALONE = /(?:external\/envoy\/)?source\/[\w./-]{1,200}\.(?:cc|h):\d{1,6}\] /y;
const CUT_TIME = /\d{1,2}[-:.][\d:.,TZ+ -]{4,36}\](?=\[\d| ?")/y;
const BESIDE_THE_PROXY = /agent|istio|consul|google|gce|osconfig|script/i;

/** Who writes under a program's name. */
export function writerOf(program: string): RecordSource {
  if (program === 'envoy' || program.endsWith('/envoy')) return 'envoy';
  if (program.startsWith('service-proxy-agent')) return 'service-proxy-agent';
  return BESIDE_THE_PROXY.test(program) ? 'agent' : 'serial-port';
}

/** `Nov  1 19:22:20 host prog[123]: `, with the kernel's own clock behind `kernel: `. */
export function syslogPrefix(draft: PrefixDraft, start: number): number {
  const match = matchAt(SYSLOG, draft.text, start);
  if (match === null) return start;
  const program = match[1] ?? '';
  draft.program = program;
  draft.writer = writerOf(program);
  draft.timeFrom = start;
  draft.timeTo = start + SYSLOG_TIME_CHARS;
  return start + match[0].length;
}

/** `[113782.638786] ` of the kernel's ring buffer. */
export function kernelPrefix(draft: PrefixDraft, start: number): number {
  const match = matchAt(KERNEL, draft.text, start);
  if (match === null) return start;
  const at = start + match[0].length;
  const program = matchAt(THROUGH_KERNEL, draft.text, at);
  draft.program = program?.[1] ?? 'kernel';
  draft.writer = program === null ? 'serial-port' : writerOf(draft.program);
  return at + (program?.[0].length ?? 0);
}

/** A container's name, a pod's, or the mark of a quotation; or no more of Envoy's own prefix than its end. */
export function copiedPrefix(draft: PrefixDraft, start: number): number {
  const copied = matchAt(BEFORE_ENVOY, draft.text, start) ?? matchAt(BEFORE_AGENT, draft.text, start);
  if (copied !== null) return start + copied[0].length;
  const source = matchAt(SOURCE_ALONE, draft.text, start);
  if (source === null) return start;
  draft.writer = 'envoy';
  return start + source[0].length;
}

/** `11-23 01:55:11.503]` of a copy that lost its beginning; a thread or a request must follow. */
export function cutTimePrefix(draft: PrefixDraft, start: number): number {
  const match = matchAt(CUT_TIME, draft.text, start);
  return match === null ? start : skipBlanks(draft.text, start + match[0].length);
}

/** `startup-script: `, as the metadata script runner puts it before every line of the script. */
export function scriptPrefix(draft: PrefixDraft, start: number): number {
  const match = matchAt(SCRIPT, draft.text, start);
  if (match === null) return start;
  draft.program = match[1] ?? '';
  draft.writer = 'serial-port';
  return start + match[0].length;
}

/** `[Envoy (Epoch 0)] `, which istio 1.3 to 1.5 put before Envoy's own prefix. */
export function epochPrefix(draft: PrefixDraft, start: number): number {
  // «E» settles it for nearly every line.
  if (draft.text.charCodeAt(start) !== CODE.open || draft.text.charCodeAt(start + 1) !== 69) return start;
  const match = matchAt(EPOCH, draft.text, start);
  if (match === null) return start;
  draft.writer = 'envoy';
  return skipBlanks(draft.text, start + match[0].length);
}
