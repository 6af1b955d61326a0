// What the patterns about the way to the control plane and its configuration say, in Simplified Chinese.
import type { Unreachable } from '#shared/patterns/control-plane-unreachable.ts';
import type { Found } from '#shared/patterns/pattern.ts';
import { or } from '#shared/patterns/shell.ts';
import { inWords, type PatternTable } from './pattern-texts.ts';
import { between, inProject } from './place-zh-cn.ts';

/** «网络 prod-vpc», « Mesh sidecar »: what the proxies ask for, where they name it. */
function asked({ kind, name }: Found<'kind' | 'name'>): string {
  if (name === undefined) return '这些代理所请求的资源';
  if (kind === 'network') return `网络 ${name} `;
  return kind === 'mesh' ? ` Mesh ${name} ` : ` scope ${name} `;
}

const UNREACHABLE: Readonly<Record<Unreachable, string>> = {
  tls: '代理可以访问控制平面，但二者之间的 TLS 失败：authority 有误、名称有误或证书已过期。',
  silent: '控制平面接受了代理的连接，但始终没有发送代理所请求的内容。',
  network: '代理无法与控制平面保持连接：原因可能是防火墙、路由、地址有误，或者控制平面发生故障。',
};

export const CONTROL_PLANE_ZH_CN: Pick<
  PatternTable,
  'config-not-found' | 'control-plane-unreachable' | 'dns-failure'
> = {
  'config-not-found': {
    title: '控制平面没有这些代理的配置',
    headline: (about) =>
      `控制平面没有${about.fields.name === undefined ? '这些代理' : asked(about.fields)}的配置${inProject(about)}`,
    cause: ({ fields }) =>
      fields.kind === 'mesh' || fields.kind === 'scope'
        ? `代理请求${asked(fields)}的配置，但没有与该名称对应的 Mesh 或 Gateway 资源。`
        : fields.name === undefined
          ? '控制平面中没有与代理所发送的名称对应的配置：多数情况下，是没有 INTERNAL_SELF_MANAGED 负载均衡方案的转发规则引用代理所在的网络。'
          : `代理请求${asked(fields)}的配置，但没有 INTERNAL_SELF_MANAGED 负载均衡方案的转发规则引用该网络。`,
    steps: {
      rules: '列出可以为代理提供配置的转发规则，并记下它们的 VPC 网络名称。',
      network: ({ fields }) =>
        `如果没有转发规则引用 ${or(fields.name, 'VPC_NAME')}，请为该网络创建一条，或者让代理使用现有转发规则所引用的网络。`,
      automatic: '自动部署：比对实例模板中的网络与转发规则的网络。',
      manual:
        '手动部署：引导文件中的 TRAFFICDIRECTOR_NETWORK_NAME 必须是该网络，并且必须设置 TRAFFICDIRECTOR_GCP_PROJECT_NUMBER。',
      gke: 'GKE：检查边车注入器配置中的项目编号和网络名称。',
      mesh: ({ fields }) =>
        `此时转发规则不起作用：${asked(fields).trim()} 必须有对应的 Mesh 或 Gateway 资源。`,
      gateway: '对于网关，Gateway 资源的 scope 必须与代理所发送的一致。',
      'new-mesh': '新建的托管式网格在最初 3 到 10 分钟内也会这样应答；请先等待这段时间。',
    },
    gone: '已有与该名称对应的转发规则、Mesh 或 Gateway，且不再出现新的日志',
  },
  'control-plane-unreachable': {
    title: '代理无法连接控制平面',
    headline: (about) =>
      `代理无法${about.scope['how'] === 'tls' ? '通过 TLS ' : ''}连接${about.fields.target === undefined ? '控制平面' : ` ${about.fields.target}`}${inProject(about)}`,
    cause: ({ scope }) => inWords(UNREACHABLE, scope['how'], '代理没有可用的到控制平面的流。'),
    steps: {
      try: '从其中一个代理所在的虚拟机测试到控制平面的连接：一次即可测试 DNS、TCP 端口 443 和 TLS。',
      firewall:
        '如果超时，请查找阻止 TCP 端口 443 出站流量的防火墙规则，并检查 Cloud NAT 或专用 Google 访问通道。',
      tls: '如果 TLS 失败，请比对错误中的 authority 与引导文件中的 authority；中间的其他代理、时钟不准或根证书过旧也会在这里显现。',
      interception: '如果只有 Envoy 无法连接，请确认运行 Envoy 的用户（UID）不会被重定向。',
      gke: '在 GKE 上，请确认 istiod 或托管式控制平面正常运行，并且到它的端口 15012 已开放。',
    },
    gone: '代理重新建立了流：在代理运行期间不再出现新的日志',
  },
  'dns-failure': {
    title: '有名称无法解析',
    headline: ({ scope }) => (scope['host'] === undefined ? '有名称无法解析' : `无法解析 ${scope['host']}`),
    cause: ({ fields, scope }) =>
      `解析器${between(fields.resolver, '')}没有给出${between(scope['host'], '代理所需名称')}的地址：名称有误，或者解析器无法访问、无权应答。`,
    steps: {
      lookup: '在其中一台机器上查询该名称，并查看它使用哪个解析器。',
      'private-zone': '检查是否有专用区域或响应政策使该名称在此网络中不可见。',
      'google-names':
        'Google 的名称需要由 169.254.169.254（或转发到它的解析器）解析；如果政策阻止访问该地址，元数据服务器也会无法访问。',
      gke: '在 GKE 上，请确认 kube-dns 或 CoreDNS 正在运行，并且网络政策允许端口 53。',
    },
    gone: '该名称可以解析：在机器运行期间不再出现新的日志',
  },
};
