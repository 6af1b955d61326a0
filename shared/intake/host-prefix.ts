// What machines put in front of a program's line in, the offset of that line out: syslog, the kernel, start-up scripts,
// istio's old `[Envoy (Epoch 0)] `. The inner prefix is left to the next reader.
import type { RecordSource } from '../model/record.ts';
import { CODE, matchAt, skipBlanks, type PrefixDraft } from './prefix-draft.ts';

const SYSLOG =
  /(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d [\w.:-]{1,255} ([^\s:[\]]{1,128})(?:\[\d{1,10}\])?: ?/y;
const SYSLOG_TIME_CHARS = 15;
const KERNEL = /\[ {0,8}\d{1,10}\.\d{6}\] /y;
const SCRIPT = /((?:startup|shutdown)-script)(?:-url)?: /y;
const EPOCH = /\[Envoy \(Epoch \d{1,6}\)\] */y;
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
  draft.program = 'kernel';
  draft.writer = 'serial-port';
  return start + match[0].length;
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
