// What the patterns about mesh-triage's own sight say, in Simplified Chinese: a silent pipeline, a fleet that can't be read.
import { or } from '#shared/patterns/shell.ts';
import type { PatternTable } from './pattern-texts.ts';
import { inProject } from './place-zh-cn.ts';

const UNSEEN = '无法发现那里不写日志的故障（例如心跳停止、安装停滞）';

export const WATCH_ZH_CN: Pick<PatternTable, 'fleet-unreadable' | 'pipeline-silent'> = {
  'fleet-unreadable': {
    title: '无法查看部分虚拟机',
    headline: (about) => {
      const { kind, permission } = about.fields;
      if (kind === 'permission')
        return `无法查看虚拟机${inProject(about)}：mesh-triage 缺少权限 ${or(permission, '（未知）')}`;
      return kind === 'off'
        ? `无法查看虚拟机${inProject(about)}：客机特性未启用`
        : `无法查看虚拟机${inProject(about)}：Google 的 API 出错`;
    },
    cause: ({ fields }) => {
      if (fields.kind === 'permission')
        return `函数 watch 的服务账号缺少权限 ${or(fields.permission, '（未知）')}；在授予之前，${UNSEEN}。`;
      return fields.kind === 'off'
        ? `这些虚拟机未启用客机特性，或者从未写入过任何属性；在启用之前，${UNSEEN}。`
        : `Google 的 API 没有应答，或应答的格式未知；在恢复之前，${UNSEEN}。`;
    },
    steps: {
      roles: '查看函数 watch 的服务账号在该项目中拥有哪些角色。',
      grant: ({ fields }) =>
        `授予包含 ${or(fields.permission, '该权限')} 的角色；只含此权限的自定义角色也可以。`,
      metadata: '为项目的所有虚拟机启用客机特性；代理程序会在下一次心跳时写入。',
      policy: '如果仍未启用，可能是组织政策禁止了客机特性。',
      look: '自行读取一台虚拟机的属性：gcloud 显示的内容就是 watch 得到的应答。',
    },
    gone: '全部虚拟机都可以再次查看',
  },
  'pipeline-silent': {
    title: 'mesh-triage 不再收到任何日志',
    headline: (about) => `不再收到任何日志${inProject(about)}`,
    cause: ({ fields }) =>
      `没有日志送达的时间已超过一小时，并超过以往最长间隔的三倍${fields.usualSeconds === undefined ? '' : `（${fields.usualSeconds} 秒）`}：接收器、其发布权限、主题或推送订阅出了问题；在修复之前，看不到任何故障。`,
    steps: {
      sink: '在每个受监控的项目中，接收器必须存在且未停用，目标是主题 log-entries，过滤条件和排除项允许 envoy_err 和 service-proxy-agent 通过。',
      'writer-identity':
        '每个接收器的写入者身份必须在该主题上拥有 roles/pubsub.publisher；没有此角色的接收器会丢弃所有日志。',
      subscription: '该主题必须有一个状态为 ACTIVE 的订阅，并推送到函数 classify 的地址。',
      'oldest-unacked':
        '最早的未确认消息的存在时间：如果不断增长，说明日志已到达但 classify 没有接收；如果为 0，说明没有日志到达。',
      classify: '如果不断增长，请查看 classify 写入的日志。',
    },
    gone: '重新收到日志',
  },
};
