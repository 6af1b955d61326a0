// What each pattern says, in Simplified Chinese, from the same fields as the English texts. A pattern of the catalogue
// that is missing here, or a step of its remedy, is a compile error.
import { ACCESS_ZH_CN } from './access-zh-cn.ts';
import { AGENT_ZH_CN } from './agent-zh-cn.ts';
import { CONTROL_PLANE_ZH_CN } from './control-plane-zh-cn.ts';
import { ENVOY_ZH_CN } from './envoy-zh-cn.ts';
import type { PatternTable } from './pattern-texts.ts';
import { TRAFFIC_ZH_CN } from './traffic-zh-cn.ts';
import { WATCH_ZH_CN } from './watch-zh-cn.ts';

export const PATTERNS_ZH_CN: PatternTable = {
  ...ACCESS_ZH_CN,
  ...AGENT_ZH_CN,
  ...CONTROL_PLANE_ZH_CN,
  ...ENVOY_ZH_CN,
  ...TRAFFIC_ZH_CN,
  ...WATCH_ZH_CN,
};
