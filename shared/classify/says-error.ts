// A text whose writer names no level in; whether it clearly speaks of a failure out.
// Better silent than wrong: a continuation, a dump and «no errors» are not failures.

const FAILURE =
  /\b(?:errors?|fail(?:ed|ure|ures|s|ing)?|fatal|panic(?:ked)?|exception|traceback|cannot|can't|could(?: not|n't)|unable|denied|refused|timed out|timeout|unreachable|abort(?:ed|ing)|crash(?:ed)?|segfault|invalid|illegal|rejected|corrupt(?:ed)?|killed|exceeded|unexpected(?:ly)?|unavailable|not (?:found|permitted|supported|allowed)|d(?:id|oes)(?: not|n't) (?:find|exist)|no (?:such|route|healthy|space))\b|\w(?:Error|Exception)\b/i;

/** What holds the words and means their opposite, or speaks of options and counters by name. */
const DENIED =
  /\b(?:no|zero|without(?: any)?) (?:\w{1,20} )?(?:errors?|failures?|exceptions?)\b|\b0 (?:errors?|failures?|failed|rejected)\b|\bNO_ERROR\b|\b(?:errors?|failures?|failed|rejected|err|timeout)["']?(?: ?[=:] ?)["']?(?:0|nil|null|none|false|<nil>|\d+m?s)\b|--[\w-]{1,60}(?:[= ](?:error|critical|off)\b)?|\b(?:on-)?(?:error|failure)[-_]\w+|\w{1,40}[-_.](?:errors?|failures?|failed|timeout)\b|\btimeout (?:is|of|set)\b|\b(?:ignor|recover|retr)\w{1,8} (?:from )?(?:errors?|failures?)\b/gi;

/** Lines inside a dump or a stack: the line before says what happened. */
const INSIDE =
  /^(?:at [\w$.<]|\.\.\. \d{1,6} more|goroutine \d|#\d{1,3}:? |File "|created by |[\w./-]{1,200}\.go:\d|'[^']{1,60}', '|"[^"]{1,60}": ?[[{]?$|[[\](){},;"']{1,10}$)/;

/** Whether a line without a level clearly says that something failed. */
export function saysError(text: string): boolean {
  const head = text.slice(0, HEAD_CHARS);
  if (INSIDE.test(head)) return false;
  return FAILURE.test(head) && FAILURE.test(head.replaceAll(DENIED, ' '));
}

/** A failure is named early in its line; what follows is a dump. */
const HEAD_CHARS = 2000;

/** Whether the line can only be read together with the one before it. */
export function isInside(text: string): boolean {
  return INSIDE.test(text.slice(0, HEAD_CHARS));
}
