/** The words of the domain that every face uses: the glossary, and nothing that is not in it. */
import { words } from "./language";

const en = {
  kind: { reject: "Reject", stop: "Stop", call: "Call", "late-response": "Late response", catch: "Caught mine" },
  state: {
    open: "Open",
    acknowledged: "On the way",
    arrived: "Arrived",
    contained: "Contained",
    answered: "Answered",
    closed: "Closed",
    withdrawn: "Withdrawn",
    merged: "Merged",
  },
  role: {
    worker: "Worker",
    "team-leader": "Team leader",
    supervisor: "Supervisor",
    "process-owner": "Process owner",
    "quality-engineer": "Quality engineer",
    director: "Workshop director",
    admin: "Administrator",
    auditor: "Auditor",
    function: "Function",
  },
  clock: { acknowledge: "until on the way", arrive: "until arrival", contain: "until contained", answer: "until answered" },
  severity: { minor: "Minor", major: "Major", critical: "Critical" },
  attribution: { suspected: "suspected", accepted: "accepted", disputed: "disputed", confirmed: "confirmed" },
  unclassified: "Not yet classified",
  noDefectFound: "No defect found",
  drill: "Drill",
  kindOf: (kind: string, what: string) => `${kind}: ${what}`,
};

const zh: typeof en = {
  kind: { reject: "拒收", stop: "停线", call: "呼叫", "late-response": "响应迟到", catch: "自检" },
  state: {
    open: "待响应",
    acknowledged: "正在赶来",
    arrived: "已到场",
    contained: "已围堵",
    answered: "已答复",
    closed: "已关闭",
    withdrawn: "已撤回",
    merged: "已合并",
  },
  role: {
    worker: "操作工",
    "team-leader": "班组长",
    supervisor: "主管",
    "process-owner": "工序负责人",
    "quality-engineer": "质量工程师",
    director: "车间主任",
    admin: "管理员",
    auditor: "审核员",
    function: "职能部门",
  },
  clock: { acknowledge: "响应时限", arrive: "到场时限", contain: "围堵时限", answer: "答复时限" },
  severity: { minor: "轻微", major: "严重", critical: "致命" },
  attribution: { suspected: "待确认", accepted: "已认可", disputed: "有争议", confirmed: "已裁定" },
  unclassified: "未归类",
  noDefectFound: "未发现缺陷",
  drill: "演练",
  kindOf: (kind, what) => `${kind}：${what}`,
};

export const d = words(en, zh);

/** A role in words; the server may one day send one that this page does not know. */
export const roleName = (role: string | null | undefined): string =>
  role ? ((d.value.role as Readonly<Record<string, string>>)[role] ?? role) : "";
