// What the patterns about traffic say, in Simplified Chinese: interception, protocols, TLS between proxies, backends.
import type { InterceptionReason } from '#shared/patterns/interception-failed.ts';
import type { ServerFirstProtocol } from '#shared/patterns/server-first-protocol.ts';
import type { TlsReason } from '#shared/patterns/tls-certificate.ts';
import { or } from '#shared/patterns/shell.ts';
import { inWords, type PatternTable } from './pattern-texts.ts';
import { between, onGroup } from './place-zh-cn.ts';

const INTERCEPTION: Readonly<Record<InterceptionReason, string>> = {
  'IPv6 module missing': '缺少 IPv6 模块',
  'kernel module missing': '缺少内核模块',
  'lock held': '锁被占用',
  'not permitted': '没有权限',
  'rules refused': '规则被拒绝',
  'tool missing': '缺少工具',
};

const PROTOCOLS: Readonly<Record<ServerFirstProtocol, string>> = { mail: '邮件协议', mysql: 'MySQL' };

const TLS: Readonly<Record<TlsReason, string>> = {
  expired: '证书已过期',
  handshake: '握手失败',
  name: '名称不符',
  'no-client-certificate': '没有客户端证书',
  'not-trusted': '证书不受信任',
  'plain-text-peer': '对方使用明文',
  'secret-missing': '缺少 Secret',
  unreadable: '证书无法读取',
};

const NO_AGREEMENT = 'TLS 连接的双方对证书或 TLS 的使用方式没有达成一致。';
const TLS_CAUSES: Readonly<Record<TlsReason, string>> = {
  expired: '证书已过期或尚未生效，或者时钟不准。',
  handshake: NO_AGREEMENT,
  name: '证书的名称与预期的名称不符。',
  'no-client-certificate': '服务器要求客户端证书，但客户端没有出示。',
  'not-trusted': '签发证书的证书授权机构不受对方信任。',
  'plain-text-peer': '一方使用 TLS，另一方使用明文：双方的 mTLS 模式不一致。',
  'secret-missing': 'Envoy 向 Secret 服务请求证书但一直没有收到，因此拒绝需要该证书的连接。',
  unreadable: 'Envoy 无法使用该证书或密钥。',
};

export const TRAFFIC_ZH_CN: Pick<
  PatternTable,
  'interception-failed' | 'redirect-loop' | 'server-first-protocol' | 'tls-certificate' | 'unhealthy-backends'
> = {
  'interception-failed': {
    title: '无法设置流量拦截',
    headline: ({ scope }) => `无法设置流量拦截：${inWords(INTERCEPTION, scope['reason'], '未说明原因')}`,
    cause: ({ fields }) =>
      `${between(fields.tool, '数据包过滤器').trimStart()}拒绝了${fields.table === undefined ? '' : ` ${fields.table} 表的`}规则（${inWords(INTERCEPTION, fields.reason, '未说明原因')}），因此这些机器上的流量会绕过 Envoy。`,
    steps: {
      restart:
        '通过 Google Cloud 控制台创建的虚拟机要在首次重启后才有 IPv6 模块：请重启虚拟机，然后重新执行设置过程。',
      rules: '检查规则是否存在：SERVICE_PROXY_REDIRECT 或 ISTIO_REDIRECT，每项服务应有一个条目。',
      module: ({ fields }) =>
        `如果仍缺少${between(fields.module, '某个 netfilter 模块').trimEnd()}，请让虚拟机或 GKE 节点在每次启动时加载它（ip6table_nat、iptable_nat、xt_REDIRECT、xt_owner）。`,
      gke: '在 GKE 上，init 容器还需要 NET_ADMIN 和 NET_RAW 权能。',
    },
    gone: '重定向规则已存在，且 bootstrap-status 为 FINISHED',
  },
  'redirect-loop': {
    title: 'Envoy 自身的流量被拦截并回送给自己',
    headline: (about) =>
      `${onGroup(about)}的 Envoy 将流量转发到自己的拦截端口 ${or(about.scope['port'], '15001')}`,
    cause: () => '拦截流量的规则没有豁免运行 Envoy 的用户，因此 Envoy 的连接又被重定向到 Envoy。',
    steps: {
      users: '查看哪个用户被豁免（--uid-owner … -j RETURN），以及 Envoy 以哪个用户身份运行：二者必须一致。',
      exempt: '在设置规则的脚本或映像中，将豁免该用户的规则放在重定向规则之前；ENVOY_UID 是上面显示的编号。',
      restart: '完成后重启 Envoy：新规则不会释放已经陷入循环的连接。',
    },
    gone: 'Envoy 不再新建到自己拦截端口的连接',
  },
  'server-first-protocol': {
    title: '服务器优先协议的流量经过网格',
    headline: ({ scope }) =>
      `连接在等待服务器先发送数据（${inWords(PROTOCOLS, scope['protocol'], '协议未知')}）`,
    cause: () =>
      '客户端在等待服务器的第一个字节，而 Envoy 在等待客户端的第一个字节；Cloud Service Mesh 不支持这种协议。',
    steps: {
      ports: '查找哪些端口的连接在选定过滤器链之前就已超时（在该机器上运行）。',
      exclude: '不要拦截该端口：查看虚拟机重定向哪些地址和端口，然后从中排除数据库或邮件服务器。',
      gke: '在 GKE 上，使用注解 traffic.sidecar.istio.io/excludeOutboundPorts 排除该端口（3306、25）。',
      name: '在使用双向 TLS 的网格中，将端口命名为 tcp 或 mysql，这样就不会对它进行协议检测。',
    },
    gone: '不再有连接在收到第一个字节之前超时',
  },
  'tls-certificate': {
    title: '代理之间的 TLS 失败',
    headline: ({ scope }) =>
      `TLS 失败（${inWords(TLS, scope['reason'], '握手失败')}）${scope['cluster'] === undefined ? '' : `，目标为 ${scope['cluster']}`}`,
    cause: ({ scope }) => inWords(TLS_CAUSES, scope['reason'], NO_AGREEMENT),
    steps: {
      certificates: '查看 Envoy 持有哪些证书、对应哪些名称、何时到期。',
      secret: '如果缺少 Secret，请查看它是否仍在预热，以及 Envoy 旁的代理程序写了哪些相关日志。',
      policies: '比对双方的 TLS 政策：如果客户端使用 TLS，服务器也必须使用，并且双方使用相同的证书授权机构。',
      renew: '续订已过期的证书；如果时钟不准，会显示“尚未生效”（not yet valid）。',
    },
    gone: '在流量持续期间不再出现新的握手失败',
  },
  'unhealthy-backends': {
    title: '后端健康状况不佳',
    headline: ({ scope }) =>
      `${scope['cluster'] === undefined ? '某项服务' : `${scope['cluster']} `}的后端健康状况不佳`,
    cause: ({ fields }) => {
      if (/UH|no_healthy/.test(`${fields.flags} ${fields.details}`))
        return 'Envoy 没有该服务的健康端点，或根本没有端点。';
      if (fields.details === 'via_upstream') return `后端自身应答了 ${or(fields.status, '5xx')}。`;
      return '后端拒绝连接、中断连接或应答过晚。';
    },
    steps: {
      health: '查看每个后端的健康检查结果。',
      firewall:
        '如果所有后端都显示健康状况不佳但仍能提供服务，则防火墙必须允许健康检查（35.191.0.0/16、130.211.0.0/22）访问被检查的端口。',
      endpoints: '查看 Envoy 持有哪些端点，以及它们的健康标志。',
      rules:
        '注意两点：当 99% 的端点健康状况不佳时，健康状况会被忽略，流量会发送到所有端点；在此之前，流量会流向更远区域中的健康端点，只会增加延迟时间。',
    },
    gone: '该服务的健康检查已通过',
  },
};
