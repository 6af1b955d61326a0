// What the patterns about agents and the set-up of proxies say, in Simplified Chinese.
// «代理» is the proxy, «代理程序» the agent beside it.
import { normaliseReason } from '#shared/patterns/listener-rejected.ts';
import { or } from '#shared/patterns/shell.ts';
import type { PatternTable } from './pattern-texts.ts';
import { onGroup } from './place-zh-cn.ts';

const why = (reason: string | undefined): string =>
  reason === undefined ? '' : `（${normaliseReason(reason)}）`;

export const AGENT_ZH_CN: Pick<
  PatternTable,
  'agent-failure' | 'agent-silent' | 'bootstrap-failed' | 'bootstrap-stuck' | 'stale-heartbeat'
> = {
  'agent-failure': {
    title: '虚拟机上的代理程序出错',
    headline: (about) =>
      `${onGroup(about)}的 ${or(about.fields.agent, 'service-proxy-agent')} 出错：${or(about.scope['failure'], '未说明原因')}`,
    cause: ({ fields }) =>
      `${or(fields.agent, 'service-proxy-agent')} 无法正常工作；在恢复之前，此虚拟机不会拦截新服务的流量。`,
    steps: {
      wait: '等待几分钟后再次查看 agent-last-failure：许多错误会在代理程序下次检查时自行消失。',
      connectivity: '如果错误仍在，请检查虚拟机能否访问控制平面。',
      recreate: '如果仍未恢复，请重新创建该虚拟机。',
    },
    gone: 'agent-last-failure 为空，或早于最近一次心跳',
  },
  'agent-silent': {
    title: 'service-proxy-agent 不再写日志',
    headline: (about) => `${onGroup(about)}的 service-proxy-agent 不再写日志`,
    cause: ({ fields }) =>
      fields.heartbeat === undefined
        ? '代理程序已停止，或者它写的日志无法再送达 Cloud Logging（涉及访问权限范围、角色或 Logging API）。'
        : '代理程序仍有心跳，说明它在运行，但它写的日志无法再送达 Cloud Logging（涉及访问权限范围、角色或 Logging API）。',
    steps: {
      heartbeat: '检查代理程序是否仍在运行：距最近一次心跳不应超过 5 分钟。',
      logging:
        '如果有心跳但没有日志：必须启用 Logging API，授予虚拟机访问权限范围 logging.write，并授予服务账号角色 logging.logWriter；否则日志库会直接丢弃日志，不给出任何提示。',
      recreate: '如果没有心跳，请重新创建该虚拟机。',
    },
    gone: '代理程序重新开始写日志',
  },
  'bootstrap-failed': {
    title: '代理安装失败',
    headline: (about) => `${onGroup(about)}的代理安装失败${why(about.fields.reason)}`,
    cause: ({ fields }) =>
      fields.stage === 'envoy'
        ? `Envoy 无法使用启动时读取的配置${why(fields.reason)}，因此没有代理在运行。`
        : `安装代理的脚本或安装程序失败${why(fields.reason)}，因此没有可用的代理。`,
    steps: {
      validate: '让 Envoy 只读取配置而不启动：它会输出完整的错误原因。',
      'serial-port':
        '查看引导脚本的输出，以第一个错误为准。下载组件需要有出站路径和访问权限范围 cloud-platform。',
      status: '自动部署：查看引导状态和引导过程的最近一次失败。',
      replace: '修正实例模板、脚本或配置，然后替换虚拟机：引导过程只在创建虚拟机时运行一次。',
    },
    gone: '组内每台虚拟机的 bootstrap-status 均为 FINISHED',
  },
  'bootstrap-stuck': {
    title: '代理安装迟迟没有完成',
    headline: (about) => `${onGroup(about)}的代理安装停滞`,
    cause: ({ fields }) =>
      fields.status === '[none]'
        ? '引导过程从未开始：OS Config 没有运行，或者虚拟机无法访问元数据服务器和 Cloud Storage。'
        : '引导过程已开始但没有结束：它在等待下载、锁或迟迟不来的应答。',
    steps: {
      status: '再次查看状态：安装可能已有进展。',
      'serial-port': '查看串行端口输出的最后几行：从中可以看出停在哪一步。',
      'os-config':
        '如果安装从未开始：虚拟机需要有元数据 enable-osconfig 和 gce-software-declaration，并且 OS Config 代理程序正在运行。',
      'way-out':
        '没有外部 IP 地址的虚拟机需要专用 Google 访问通道或 Cloud NAT；配置完成后，请重新创建该虚拟机。',
    },
    gone: 'bootstrap-status 为 FINISHED',
  },
  'stale-heartbeat': {
    title: 'service-proxy-agent 已停止',
    headline: (about) => `${onGroup(about)}的 service-proxy-agent 已停止`,
    cause: ({ fields }) =>
      `代理程序最近一次活动的时间是${fields.heartbeat === undefined ? '未知时间' : ` ${fields.heartbeat}`}，检查时已超过 5 分钟；此虚拟机不会拦截新服务的流量。`,
    steps: {
      confirm: '确认心跳仍未更新，并一并查看最近一次失败。',
      recreate: '重新创建该虚拟机：排查指南没有给出更温和的办法。',
    },
    gone: '心跳恢复更新',
  },
};
