// Simplified Chinese.
import type { Texts } from './texts.ts';

const number = (value: number): string => value.toLocaleString('en-US');

export const zhCn: Texts = {
  message: {
    state: { open: '未处理', acknowledged: '处理中', muted: '已静音', resolved: '已解决' },
    severity: { critical: '严重', error: '错误', warning: '警告', info: '提示' },
    resolvedBy: {
      person: (when) => `${when} 由人工标记`,
      proof: (when) => `${when} 经检查确认`,
      quiet: (when) => `${when} 因不再出现新日志`,
    },
    cameBack: (episode) => `再次出现，第 ${episode} 次`,
    until: (when) => `直到 ${when}`,
    at: (when) => `自 ${when} 起`,
    explainedBy: (cause) => `由 ${cause} 引起：请先处理该问题`,
    entries: (count) => `${number(count)} 条日志`,
    proxies: (count, capped) => `${capped ? '至少 ' : ''}${number(count)} 个代理`,
    amounts: (entries, proxies) => `${entries}，${proxies}`,
    counted: ({ entries, proxies, perMinute, overAll }) =>
      `*${entries}*${overAll}，来自 *${proxies}*，每分钟约 ${perMinute} 条`,
    overAll: (count) => `（历次共 ${number(count)} 条）`,
    seen: (since, last) => `开始于 ${since}，最近一次 ${last}`,
    moreProxies: (count) => `另有 ${number(count)} 个`,
    groups: (names) => `属于 ${names}`,
    version: (version) => `Envoy ${version}`,
    unrecognised: (shape) => `无法识别的错误：${shape}`,
    unrecognisedCause: '目前没有规则能识别这行日志；形式相同的日志合并计数。',
    proof: '证据',
    logsExplorer: '日志浏览器',
    checks: '检查结果',
    checkFault: (expected, found) => `期望：${expected}；实际：${found}`,
    checkOk: (found) => found,
    checkUnreadable: (why) => `无法读取：${why}`,
    remedy: '处理步骤',
    heldBack: (count, reasons) => `同一项目中未上报的例行日志：${number(count)} 条（${reasons}）`,
    leftOut: '更多内容见故障历史。',
    fallback: ({ state, headline, entries, proxies }) => `${state}：${headline} · ${entries}，${proxies}`,
  },
  thread: {
    milestone: (proxies) => `目前影响 *${proxies}*。`,
    severityRose: (severity) => `级别升为 *${severity}*。`,
    context: (proxy, version) =>
      `${proxy} 在首条日志前后写入的内容（UTC）${version === '' ? '' : ` · Envoy ${version}`}`,
    cameBackBroadcast: (headline, episode) => `再次出现：${headline}。第 ${episode} 次另有一条消息。`,
    reminder: (minutes) => `级别为严重，已有 ${number(minutes)} 分钟无人确认。`,
    closed: (duration, by, who) => `历时 *${duration}*，${by}${who === '' ? '' : `（${who}）`}。`,
    closedWhy: {
      person: '由人工标记为已解决',
      proof: '经验证已解决：先前失败的检查现已通过',
      quiet: '已解决：不再出现新的日志',
    },
    acknowledged: (who) => (who === '' ? '已有人处理。' : `${who} 正在处理。`),
    muted: (until, who) => `静音至 ${until}${who === '' ? '' : `（${who}）`}。`,
    duration: (days, hours, minutes) =>
      [
        days === 0 ? '' : `${days} 天`,
        hours === 0 ? '' : `${hours} 小时`,
        minutes === 0 && days + hours > 0 ? '' : `${minutes} 分钟`,
      ]
        .filter((part) => part !== '')
        .join(' '),
  },
  buttons: {
    acknowledge: '确认',
    resolve: '标记为已解决',
    mute1h: '静音 1 小时',
    mute8h: '静音 8 小时',
    muteUntilTomorrow: '静音到明天',
    unmute: '取消静音',
    silence: '在此范围内屏蔽此类故障 24 小时',
    why: '为什么有这条消息？',
    check: '重新检查',
    history: '历史',
  },
  digest: {
    title: (count) => `汇总：同时出现 ${number(count)} 个新故障`,
    says: (minutes) =>
      `这是一条汇总消息。短时间内出现大量故障时，新故障列在这里，不再逐条发送；` +
      `本消息会持续更新，${number(minutes)} 分钟内没有新故障时结束。`,
    moreLines: (count) => `另有 ${number(count)} 个；\`/mesh incidents open\` 可列出全部`,
  },
  summary: {
    title: '过去 24 小时',
    opened: (count) => `新出现 ${number(count)} 个故障`,
    closed: (count) => `已解决 ${number(count)} 个故障`,
    still: (count) => `仍有 ${number(count)} 个故障未解决`,
    lasted: (duration) => `历时 ${duration}`,
    fallback: ({ opened, closed, still }) => `过去 24 小时：${opened}，${closed}，${still}`,
    heldBack: (count, reasons) => `迄今未上报的例行日志：${number(count)} 条（${reasons}）`,
    nothing: '没有新故障，也没有故障结束。',
  },
  replies: {
    done: (what) => `已完成：${what}。`,
    already: (state) => `无需操作：当前已是 ${state}。`,
    gone: '该故障已不在存储中。',
    failed: '操作未成功：存储没有响应。请稍后再试。',
    help:
      '*/mesh incidents* [open|all] [类别或网络] 列出故障\n' +
      '*/mesh explain* 日志行 说明这行日志的含义和处理方法\n' +
      '*/mesh silence* 类别 [名称=值 …] for 2h because 原因 屏蔽新的故障\n' +
      '*/mesh silence list* 列出屏蔽规则，*/mesh silence end* ID 结束屏蔽\n' +
      '*/mesh help* 显示本说明',
    noIncidents: '没有这样的故障。',
    incidentsTitle: (count, what) => `${number(count)} 个故障（${what}）`,
    moreIncidents: (count) => `另有 ${number(count)} 个`,
    wrongUse: (usage) => `用法有误。${usage}`,
    silenced: (what, until, reason) => `${what} 已屏蔽至 ${until}：${reason}`,
    silences: (count) => `${number(count)} 条屏蔽规则`,
    noSilence: '没有屏蔽规则。',
    checking: '正在重新检查；如果结果有变化，消息会随之更新。',
    noChecks: '此处从未检查过：没有适用的检查，或未启用检查。',
    silenceEnded: (id) => `屏蔽规则 ${id} 已结束。`,
    everything: '全部',
    why: {
      title: '为什么有这条消息？',
      recognised: (pattern) => `该日志被识别为 ${pattern}。`,
      named: (id, title) => `${id}（${title}）`,
      sameIncident: (scope) => `以下各项相同的日志视为同一故障：${scope}。`,
      spoke: (reason) => `发送原因：${reason}。`,
      sure: '该行日志本身即可证明故障',
      weak: '此类日志重复出现或持续出现',
      gone: (proof) => `满足以下条件即视为已解决：${proof}。`,
      references: '参考资料',
    },
    explain: {
      finding: (headline) => `已知故障：${headline}`,
      unrecognised: (shape) => `没有规则能识别的错误，其形式为：${shape}`,
      routine: (reason) => `例行日志，无需处理（${reason}）。`,
      ignored: (reason) => `不是故障（${reason}）。`,
      unreadable: {
        'push-body': '无法读取：不是 Pub/Sub 推送消息。',
        'not-base64': '无法读取：数据不是 base64。',
        'not-utf8': '无法读取：数据不是 UTF-8。',
        'not-json': '无法读取：不是 JSON。',
        'not-a-log-entry': '无法读取：不是 LogEntry。',
        'no-payload': '无法读取：没有载荷。',
        'too-large': '无法读取：长度超过 LogEntry 的上限。',
        'internal-error': '无法读取：mesh-triage 自身出错。',
      },
    },
  },
};
