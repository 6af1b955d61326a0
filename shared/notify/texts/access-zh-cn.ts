// What the patterns about APIs, scopes, permissions and credentials say, in Simplified Chinese.
import { or } from '#shared/patterns/shell.ts';
import type { CredentialsReason } from '#shared/patterns/unauthenticated.ts';
import { inWords, type PatternTable } from './pattern-texts.ts';
import { between, inProject } from './place-zh-cn.ts';

const REASONS: Readonly<Record<CredentialsReason, string>> = {
  'certificate-request': '证书请求被拒绝',
  'credentials-refused': '凭据被拒绝',
  'key-refused': '密钥被拒绝',
  'metadata-server': '元数据服务器异常',
  'no-credentials': '没有凭据',
  'no-service-account': '没有服务账号',
  'workload-identity-pool': '工作负载身份池异常',
};

const CREDENTIALS_REFUSED = '对方不接受代理或其代理程序所出示的凭据。';
const CAUSES: Readonly<Record<CredentialsReason, string>> = {
  'certificate-request': '证书授权机构不接受用来证明工作负载身份的令牌。',
  'credentials-refused': CREDENTIALS_REFUSED,
  'key-refused': '用来申请令牌的密钥或账号已过期、被删除或被停用。',
  'metadata-server': '负责发放令牌的元数据服务器没有应答，或应答了错误。',
  'no-credentials': '程序找不到任何凭据，只能以匿名身份发起调用。',
  'no-service-account': '虚拟机没有服务账号，因此元数据服务器无法为它提供令牌。',
  'workload-identity-pool': '工作负载身份联合的令牌交换失败：受众中的身份池或提供方不存在或已停用。',
};

/** Who denied it: names of services stay as they are. */
const denier = (service: string): string => (service === 'control-plane' ? '控制平面' : ` ${service} `);

export const ACCESS_ZH_CN: Pick<
  PatternTable,
  'api-disabled' | 'insufficient-scopes' | 'permission-denied' | 'unauthenticated'
> = {
  'api-disabled': {
    title: '网格所需的 API 未启用',
    headline: (about) => `${or(about.scope['api'], '某个 API')} 未启用${inProject(about)}`,
    cause: ({ fields, scope }) =>
      `${or(fields.api, '所调用的 API')} 未在项目${between(scope['project'], '')}中启用，因此 Google 会拒绝对它的所有调用。`,
    steps: {
      list: '查看已启用哪些 API。',
      enable: '启用该 API。',
      routing: '除控制平面的 API 外，服务路由还需要另外两个 API。',
      wait: '等待几分钟：代理会自动重试，无需重启。',
    },
    gone: '该 API 已启用，且不再出现新的日志',
  },
  'insufficient-scopes': {
    title: '虚拟机的访问权限范围不足',
    headline: ({ scope }) =>
      `${scope['group'] === undefined ? '虚拟机' : `${scope['group']} `}的访问权限范围不足`,
    cause: ({ fields }) =>
      `创建虚拟机时没有授予可以调用${between(fields.api, ' Google API ')}的访问权限范围，因此无论服务账号有哪些权限，这些调用都会被拒绝。`,
    steps: {
      scopes: '查看虚拟机的服务账号和访问权限范围。',
      template:
        '创建访问权限范围为 cloud-platform 的实例模板（此后由 IAM 角色限制调用），并将其设置给实例组。',
      replace: '按该模板替换组内的虚拟机，每次只替换少量。',
      single:
        '单台虚拟机：停止虚拟机，设置访问权限范围，再启动；运行期间无法更改访问权限范围。GKE：创建具有该访问权限范围的节点池，或使用 Workload Identity。',
    },
    gone: '虚拟机以访问权限范围 cloud-platform 运行，且不再出现新的日志',
  },
  'permission-denied': {
    title: '服务账号缺少权限',
    headline: ({ fields }) =>
      `权限${between(fields.permission, '')}被${fields.service === undefined ? '' : denier(fields.service)}拒绝`,
    cause: ({ fields }) =>
      fields.service === 'control-plane'
        ? '控制平面不接受代理所出示的身份或节点。'
        : `代理的服务账号没有任何包含${between(fields.permission, '所需权限')}的角色。`,
    steps: {
      'own-rules':
        '控制平面有自己的授权规则：请比对日志中的身份与规则允许的身份，并检查引导文件中的节点 ID。',
      kubernetes: '查询集群允许该服务账号执行哪些操作，然后绑定允许此操作的角色。',
      'client-role':
        '授予 roles/trafficdirector.client，它包含 trafficdirector.networks.getConfigs 和 trafficdirector.networks.reportMetrics。',
      role: '授予包含该权限的角色。',
      account: '查看虚拟机以哪个服务账号运行。',
      roles: '查看该服务账号在项目中有哪些角色；文件夹和群组可能还授予了其他角色。',
    },
    gone: '已授予该角色，且不再出现新的日志',
  },
  unauthenticated: {
    title: '代理没有有效的凭据',
    headline: ({ scope }) =>
      `代理没有有效的凭据${scope['reason'] === undefined ? '' : `（${inWords(REASONS, scope['reason'], '')}）`}`,
    cause: ({ fields }) => inWords(CAUSES, fields.reason, CREDENTIALS_REFUSED),
    steps: {
      pool: '受众中的身份池和提供方必须存在并已启用；如果已被删除，请重新注册集群。',
      account: '查看虚拟机是否有服务账号，以及是哪一个。',
      token: '查看元数据服务器能否提供令牌（只显示状态码，不显示令牌）。',
      exists: '查看该服务账号是否仍存在并已启用。',
    },
    gone: '可以重新获取令牌，且不再出现新的日志',
  },
};
