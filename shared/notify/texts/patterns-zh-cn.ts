// What each pattern says, in Simplified Chinese: headline and cause, from the same fields as the English ones.
// Commands need no language; the words of the remedy's steps stay English.
import type { About } from '#shared/patterns/pattern.ts';

/** Every pattern that alerts can speak of. An id missing in the table below is a compile error. */
export const TRANSLATED_PATTERNS = [
  'agent-failure',
  'agent-silent',
  'api-disabled',
  'bootstrap-failed',
  'bootstrap-stuck',
  'config-not-found',
  'config-rejected',
  'control-plane-unreachable',
  'dns-failure',
  'envoy-crash',
  'envoy-version-unsupported',
  'insufficient-scopes',
  'interception-failed',
  'listener-rejected',
  'permission-denied',
  'port-conflict',
  'redirect-loop',
  'resource-exhaustion',
  'server-first-protocol',
  'stale-heartbeat',
  'tls-certificate',
  'unauthenticated',
  'unhealthy-backends',
] as const;
type TranslatedPattern = (typeof TRANSLATED_PATTERNS)[number];

interface PatternTexts {
  readonly headline: (about: About) => string;
  readonly cause: (about: About) => string;
}

const or = (value: string | undefined, other: string): string =>
  value === undefined || value === '' ? other : value;

const group = ({ scope }: About): string => or(scope['group'], '某台虚拟机');
const inProject = ({ scope }: About): string =>
  scope['project'] === undefined ? '' : `（项目 ${scope['project']}）`;

export const PATTERNS_ZH_CN: Readonly<Record<TranslatedPattern, PatternTexts>> = {
  'agent-failure': {
    headline: (about) =>
      `${group(about)} 上的 ${or(about.fields['agent'], '代理程序')} 出错：${or(about.scope['failure'], '未说明原因')}`,
    cause: ({ fields }) =>
      `${or(fields['agent'], '代理程序')} 无法工作；在恢复之前，该虚拟机上的新服务不会被拦截。`,
  },
  'agent-silent': {
    headline: (about) => `${group(about)} 上的 service-proxy-agent 不再写日志`,
    cause: ({ fields }) =>
      fields['heartbeat'] === undefined
        ? '代理程序已停止，或者它写的日志不再到达 Cloud Logging（访问权限范围、角色或 Logging API）。'
        : '代理程序仍有心跳，说明它在运行，但它写的日志不再到达 Cloud Logging（访问权限范围、角色或 Logging API）。',
  },
  'api-disabled': {
    headline: (about) => `API ${or(about.scope['api'], '（未知）')} 未启用${inProject(about)}`,
    cause: ({ fields }) =>
      `${or(fields['api'], '所调用的 API')} 未在该项目中启用，因此 Google 拒绝所有调用。`,
  },
  'bootstrap-failed': {
    headline: (about) => `${group(about)} 上的代理未能安装`,
    cause: ({ fields }) =>
      fields['stage'] === 'envoy'
        ? 'Envoy 无法使用启动时的配置，因此没有代理在运行。'
        : '安装代理的脚本或安装程序失败，因此没有可用的代理。',
  },
  'bootstrap-stuck': {
    headline: (about) => `${group(about)} 上的代理安装没有进展`,
    cause: ({ fields }) =>
      fields['status'] === '[none]'
        ? '引导程序从未开始：OS Config 没有运行，或者虚拟机无法访问元数据服务器和 Cloud Storage。'
        : '引导程序已开始但没有结束：它在等待下载、锁或得不到的应答。',
  },
  'config-not-found': {
    headline: (about) =>
      `控制平面没有${about.fields['name'] === undefined ? '这些代理' : ` ${or(about.fields['kind'], '网格')} ${about.fields['name']} `}的配置${inProject(about)}`,
    cause: ({ fields }) =>
      fields['kind'] === 'mesh' || fields['kind'] === 'scope'
        ? `代理请求 ${fields['kind']} ${or(fields['name'], '')} 的配置，但没有同名的 Mesh 或 Gateway 资源。`
        : fields['name'] === undefined
          ? '控制平面中没有与代理所发名称对应的配置：通常是没有使用 INTERNAL_SELF_MANAGED 方案的转发规则指向代理的网络。'
          : `代理请求网络 ${fields['name']} 的配置，但没有使用 INTERNAL_SELF_MANAGED 方案的转发规则指向该网络。`,
  },
  'config-rejected': {
    headline: ({ scope }) =>
      `Envoy 拒绝 ${or(scope['type'], '配置')} ${or(scope['resource'], '')}:${or(scope['reason'], '未说明原因')}`,
    cause: ({ scope }) =>
      `控制平面下发的 ${or(scope['type'], '资源')} 对此 Envoy 无效；Envoy 继续使用旧配置（如果有）。`,
  },
  'control-plane-unreachable': {
    headline: (about) => `代理无法连接 ${or(about.fields['target'], '控制平面')}${inProject(about)}`,
    cause: () => '代理与控制平面之间没有可用的连接：防火墙、路由、名称解析或 TLS 阻止了它。',
  },
  'dns-failure': {
    headline: ({ scope }) => `无法解析 ${or(scope['host'], '某个名称')}`,
    cause: ({ scope }) =>
      `解析器没有给出 ${or(scope['host'], '代理所需名称')} 的地址：名称有误，或者解析器不可达、不允许应答。`,
  },
  'envoy-crash': {
    headline: ({ fields, scope }) =>
      `Envoy 已退出（${or(scope['kind'], '原因未知')}）${or(fields['signal'], '')}`,
    cause: ({ fields }) =>
      fields['kind'] === 'out of memory'
        ? '内存达到上限，内核终止了 Envoy。'
        : 'Envoy 因自身、扩展或启动时的错误而退出；它最后写的几行日志说明了原因。',
  },
  'envoy-version-unsupported': {
    headline: ({ fields, scope }) =>
      `Envoy ${or(fields['version'], or(scope['line'], ''))} 低于 Cloud Service Mesh 支持的版本`,
    cause: ({ fields }) =>
      `Envoy ${or(fields['version'], '')} 缺少 1.24.9、1.25.8 和 1.26.3 中的修复，它们是支持的最低版本。`,
  },
  'insufficient-scopes': {
    headline: (about) => `${group(about)} 的访问权限范围不足`,
    cause: ({ fields }) =>
      `创建虚拟机时没有授予访问 ${or(fields['api'], 'Google API')} 的权限范围，因此无论服务帐号有何权限，调用都会被拒绝。`,
  },
  'interception-failed': {
    headline: ({ scope }) => `无法设置流量拦截：${or(scope['reason'], '未说明原因')}`,
    cause: ({ fields }) =>
      `${or(fields['tool'], '数据包过滤器')} 拒绝了规则（${or(fields['reason'], '未说明原因')}），因此这些机器上的流量绕过 Envoy。`,
  },
  'listener-rejected': {
    headline: ({ fields, scope }) =>
      `Envoy 拒绝侦听器 ${or(fields['listener'], '（未命名）')}:${or(scope['reason'], '未说明原因')}`,
    cause: ({ scope }) => `Envoy 无法使用该侦听器：${or(scope['reason'], '未说明原因')}。`,
  },
  'permission-denied': {
    headline: ({ fields }) => `权限 ${or(fields['permission'], '（未知）')} 被拒绝`,
    cause: ({ fields }) =>
      fields['service'] === 'control-plane'
        ? '控制平面不接受代理所出示的身份或节点。'
        : `代理的服务帐号没有包含 ${or(fields['permission'], '所需权限')} 的角色。`,
  },
  'port-conflict': {
    headline: ({ scope }) => `地址已被占用：${or(scope['port'], '端口未知')}`,
    cause: () => '同一台机器或同一个 Pod 中的另一个进程已占用该地址和端口。',
  },
  'redirect-loop': {
    headline: (about) => `${group(about)} 上的 Envoy 将流量转发到自己的拦截端口`,
    cause: () => '拦截流量的规则没有排除运行 Envoy 的用户，因此 Envoy 的连接又被重定向到 Envoy。',
  },
  'resource-exhaustion': {
    headline: ({ scope }) => `代理的资源已用尽：${or(scope['resource'], '未知')}`,
    cause: ({ fields }) =>
      `${or(fields['resource'], '某项资源')} 已达到上限，Envoy 拒绝或断开连接，或者丢弃负载。`,
  },
  'server-first-protocol': {
    headline: ({ scope }) => `连接在等待服务器先发送数据（${or(scope['protocol'], '协议未知')}）`,
    cause: () =>
      '客户端等待服务器的第一个字节，而 Envoy 等待客户端的第一个字节；Cloud Service Mesh 不支持服务器优先的协议。',
  },
  'stale-heartbeat': {
    headline: (about) => `${group(about)} 上的 service-proxy-agent 已停止`,
    cause: ({ fields }) =>
      `代理程序最近一次活动是 ${or(fields['heartbeat'], '未知时间')},距检查时已超过 5 分钟；该虚拟机上的新服务不会被拦截。`,
  },
  'tls-certificate': {
    headline: ({ scope }) =>
      `TLS 失败（${or(scope['reason'], '握手')}）${scope['cluster'] === undefined ? '' : `，目标 ${scope['cluster']}`}`,
    cause: () => 'TLS 连接的双方对证书或 TLS 的使用方式没有达成一致。',
  },
  unauthenticated: {
    headline: ({ scope }) =>
      `代理没有有效的凭据${scope['reason'] === undefined ? '' : `（${scope['reason']}）`}`,
    cause: () => '对方不接受代理或其代理程序所出示的凭据。',
  },
  'unhealthy-backends': {
    headline: ({ scope }) => `${or(scope['cluster'], '某个服务')} 的后端不健康`,
    cause: ({ fields }) =>
      /UH|no_healthy/.test(`${fields['flags'] ?? ''} ${fields['details'] ?? ''}`)
        ? 'Envoy 没有该服务的健康端点，或者根本没有端点。'
        : '后端拒绝连接、中断连接、应答过晚，或者自己返回了错误。',
  },
};
