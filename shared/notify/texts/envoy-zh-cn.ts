// What the patterns about Envoy itself say, in Simplified Chinese: crashes, versions, limits, and what it rejects.
import type { CrashKind } from '#shared/patterns/envoy-crash.ts';
import type { Found } from '#shared/patterns/pattern.ts';
import type { Resource } from '#shared/patterns/resource-exhaustion.ts';
import { or } from '#shared/patterns/shell.ts';
import { inWords, type PatternTable } from './pattern-texts.ts';
import { between } from './place-zh-cn.ts';

const CRASHES: Readonly<Record<CrashKind, string>> = {
  bug: '内部错误',
  crash: '崩溃',
  exit: '异常退出',
  'out of memory': '内存不足',
};

const RESOURCES: Readonly<Record<Resource, string>> = {
  'circuit breaker': '断路器阈值',
  'connection tracking': '连接跟踪表',
  disk: '磁盘空间',
  memory: '内存',
  'open files': '打开文件数',
  'overload manager': '过载管理器阈值',
  threads: '线程数',
};

const MORE = '为代理分配更多内存或处理器，或减少它的负载或配置。';
const ADVICE: Readonly<Record<Resource, string>> = {
  'circuit breaker': '比对后端服务的 maxConnections、maxPendingRequests 和 maxRequests 与它实际承受的负载。',
  'connection tracking': '提高 net.netfilter.nf_conntrack_max，缩短其超时时间，或让这些流量不经过连接跟踪。',
  disk: MORE,
  memory: MORE,
  'open files':
    '提高 Envoy 进程的打开文件数上限（systemd 单元中的 LimitNOFILE，或容器的 ulimit），并排查连接泄漏。',
  'overload manager': MORE,
  threads: MORE,
};

function whyNoListener({ path, address, reason = '' }: Found<'path' | 'address' | 'reason'>): string {
  if (path !== undefined) return `运行 Envoy 的用户无权写入访问日志 ${path}，因此 Envoy 拒绝整个监听器。`;
  if (address === undefined)
    return '控制平面下发的监听器对此 Envoy 无效；如果有旧的监听器，Envoy 会继续使用它。';
  if (/permission denied/i.test(reason)) return `运行 Envoy 的用户无权绑定 ${address} 的特权端口。`;
  if (/assign requested address/i.test(reason)) return `地址 ${address} 不属于这台机器。`;
  return `另一个进程已在监听 ${address}。`;
}

export const ENVOY_ZH_CN: Pick<
  PatternTable,
  | 'config-rejected'
  | 'envoy-crash'
  | 'envoy-version-unsupported'
  | 'listener-rejected'
  | 'port-conflict'
  | 'resource-exhaustion'
> = {
  'config-rejected': {
    title: 'Envoy 拒绝控制平面下发的配置',
    headline: ({ scope }) =>
      `Envoy 拒绝${between(scope['type'], '配置').trimEnd()}${scope['resource'] === undefined ? '' : ` ${scope['resource']}`}：${or(scope['reason'], '未说明原因')}`,
    cause: ({ scope }) =>
      `控制平面下发的${between(scope['type'], '资源')}对此 Envoy 无效；如果有旧的配置，Envoy 会继续使用它。`,
    steps: {
      dump: '在配置转储的 error_state 中查看 Envoy 拒绝的内容及其完整错误。',
      source:
        '修正生成该配置的资源：Cluster 来自后端服务，RouteConfiguration 来自网址映射或路由；如果错误原因提到 EnvoyFilter 或扩展程序，则修正它们。',
      upgrade: '如果错误原因提到未知的字段或扩展程序，说明代理的版本比配置旧：请升级 Envoy。',
    },
    gone: '下一次推送被接受：在持续推送期间不再出现新的拒绝',
  },
  'envoy-crash': {
    title: 'Envoy 已崩溃',
    headline: ({ fields, scope }) =>
      `Envoy 已退出（${inWords(CRASHES, scope['kind'], '原因未知')}）${fields.signal === undefined ? '' : `：${fields.signal}`}`,
    cause: ({ fields }) => {
      if (fields.kind === 'out of memory') return '内存达到上限，内核终止了 Envoy。';
      if (fields.kind === 'exit')
        return 'Envoy 因错误而退出，多数发生在启动时；它最后写的几行日志说明了原因。';
      return 'Envoy 自身或其扩展程序发生错误，导致 Envoy 终止。';
    },
    steps: {
      'last-lines': '查看 Envoy 是否已重新运行，并查看它退出前最后写的几行日志；崩溃转储的第一行指明了错误。',
      memory:
        '提高代理的内存上限，或减少下发给它的配置；然后将过载管理器的 max_heap_size_bytes 设为低于该上限。',
      upgrade:
        '运行受支持的 Envoy（1.24.9 或更高版本）：升级可以消除许多崩溃。如果仍然崩溃，请附上完整的转储进行反馈。',
      changes: '查看崩溃之前有哪些变更：新的版本、过滤器、插件或证书。',
    },
    gone: 'Envoy 已运行一小时且没有再次崩溃',
  },
  'envoy-version-unsupported': {
    title: '代理运行的 Envoy 版本不受 Cloud Service Mesh 支持',
    headline: ({ fields, scope }) =>
      `Envoy${between(fields.version ?? scope['line'], ' ')}低于 Cloud Service Mesh 支持的版本`,
    cause: ({ fields }) =>
      `Envoy${between(fields.version, ' 的这个版本')}缺少 1.24.9、1.25.8 和 1.26.3 中的修复，而这些是受支持的最低版本。`,
    steps: {
      version: '确认正在运行的版本。',
      automatic: '自动部署会在创建虚拟机时安装当前的 Envoy：请替换组内的虚拟机，每次只替换少量。',
      manual: '手动部署：将受支持的 Envoy 放入映像或启动脚本，然后逐步发布。',
    },
    gone: '项目中的所有代理都报告受支持的版本',
  },
  'listener-rejected': {
    title: 'Envoy 拒绝控制平面下发的监听器',
    headline: ({ fields, scope }) =>
      `Envoy 拒绝监听器${between(fields.listener, '（未命名）').trimEnd()}：${or(scope['reason'], '未说明原因')}`,
    cause: ({ fields }) => whyNoListener(fields),
    steps: {
      owner: '查看该文件归谁所有，以及 Envoy 以哪个用户身份运行。',
      permission: '让该用户拥有此文件：每台虚拟机以及用来创建虚拟机的映像或启动脚本都要修改。',
      move: '或者将 TRAFFICDIRECTOR_ACCESS_LOG_PATH（service-proxy 元数据中的 access-log）指向 Envoy 可写入的路径。',
      dump: '在配置转储的 error_state 中查看 Envoy 拒绝的监听器及其完整错误。',
      source: '修正生成该监听器的资源（目标代理、网址映射、EnvoyFilter）；Envoy 会立即接受下一次推送。',
      holder: '查看哪个进程占用了该端口。',
    },
    gone: '下一次推送被接受：在持续推送期间不再出现新的拒绝',
  },
  'port-conflict': {
    title: '代理所需的端口被占用',
    headline: ({ scope }) => `地址已被占用：${or(scope['port'], '端口未知')}`,
    cause: ({ fields }) =>
      `同一台机器或同一个 Pod 中的另一个进程已占用${fields.baseId === undefined ? between(fields.address ?? fields.port, '该地址').trimEnd() : `热重启 ID ${fields.baseId}`}。`,
    steps: {
      holder: '查看哪个进程占用了该端口；最常见的是另一个 Envoy。',
      stop: '停止该进程，或让它避开代理的端口（15000、15001、15006、15020、15021、15090 以及各个监听器的端口）。',
      'base-id':
        '让每个 Envoy 以各自的 --base-id 启动，或使用 --use-dynamic-base-id，或使用 --disable-hot-restart。',
      'host-network':
        '使用 hostNetwork 的 Pod 与节点共用端口：请为每个 Pod 分配各自的端口，或停用 hostNetwork。',
    },
    gone: '代理已在该地址上监听',
  },
  'resource-exhaustion': {
    title: '代理的资源已用尽',
    headline: ({ scope }) => `代理的资源已用尽：${inWords(RESOURCES, scope['resource'], '未知')}`,
    cause: ({ fields }) =>
      fields.action === undefined
        ? `${inWords(RESOURCES, fields.resource, '某项资源')}已达到上限，因此 Envoy 会拒绝或断开连接，甚至退出。`
        : `Envoy 的过载管理器已达到 ${fields.action} 的阈值，正在减轻负载。`,
    steps: {
      relieve: ({ fields }) => inWords(ADVICE, fields.resource, MORE),
      limits: '在受影响的虚拟机上查看上限和用量。',
      stats: '查看 Envoy 自身的计数（在该机器上运行）。',
    },
    gone: '不再出现新的日志，且用量低于上限',
  },
};
