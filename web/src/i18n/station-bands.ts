/** The words for what stands between a tablet and its server: not heard, not paired, refused; and for a drill. */
import { words } from "./language";

const en = {
  band: {
    notHeard: "NOT HEARD – call out, stop by hand",
    problem: {
      "no-connection": "No connection to the broker",
      "not-trusted": "The broker's certificate is not trusted",
      certificate: "The broker does not take this station's certificate",
      refused: "The broker refuses this station",
      "not-authorized": "This station is not authorized",
      "no-answer": "The server does not answer",
    },
    noAgent: "The station agent does not answer",
    unpaired: "This tablet is not paired. Presses are kept in it until it is.",
    pair: "Pair it",
    notHeardCount: (n: number) => (n === 1 ? "1 press is saved and waits" : `${n} presses are saved and wait`),
    drill: "DRILL armed on this line",
    practise: "Practise the next press",
    practising: "The next press is practice only",
    setup: "This station has not yet been set up by the server. Presses are saved all the same.",
    badge: (badge: string) => `Badge ${badge}`,
    forget: "Forget",
  },
  refused: {
    title: (n: number) => (n === 1 ? "1 press was refused" : `${n} presses were refused`),
    show: "Show",
    dismiss: "Seen",
    kind: {
      reject: "Reject",
      stop: "Stop",
      catch: "Caught mine",
      call: "Call",
      detail: "Details",
      arrive: "Arrived",
      release: "Resume",
      accept: "Satisfied",
      decline: "Not satisfied",
      withdraw: "Withdraw",
      count: "Count",
      photo: "Photo",
    },
    explain: "What the server did not take, and why. The record stays in the station.",
    reason: {
      malformed: "It could not be read.",
      "too-large": "It was too large.",
      "too-many": "Too much at once.",
      schema: "A field was not valid.",
      "id-reused": "Its number was used before.",
      "unknown-station": "The server does not know this station.",
      "unknown-complaint": "The server does not know that complaint.",
      "not-yours": "That complaint belongs to another station.",
      "not-allowed": "It is no longer possible in this state.",
      "not-authorized":
        "The badge or PIN may not do this. A team leader, supervisor or quality engineer may; after a critical defect only a quality engineer.",
      broken: "The server could not process it.",
    },
  },
};

const zh: typeof en = {
  band: {
    notHeard: "未送达，请口头呼叫、手动停线",
    problem: {
      "no-connection": "无法连接消息服务",
      "not-trusted": "消息服务的证书不受信任",
      certificate: "消息服务不接受本工位的证书",
      refused: "消息服务拒绝本工位",
      "not-authorized": "本工位未获授权",
      "no-answer": "服务器没有应答",
    },
    noAgent: "工位代理没有应答",
    unpaired: "本平板尚未配对。配对之前，按压保存在平板中。",
    pair: "去配对",
    notHeardCount: (n) => `已保存 ${n} 次按压，等待发送`,
    drill: "本产线正在演练",
    practise: "下一次按压作为演练",
    practising: "下一次按压仅作演练",
    setup: "服务器尚未配置本工位。按压仍会保存。",
    badge: (badge) => `工牌 ${badge}`,
    forget: "清除",
  },
  refused: {
    title: (n) => `${n} 次按压被拒绝`,
    show: "查看",
    dismiss: "已阅",
    kind: {
      reject: "拒收",
      stop: "停线",
      catch: "自检",
      call: "呼叫",
      detail: "补充",
      arrive: "已到场",
      release: "恢复",
      accept: "满意",
      decline: "不满意",
      withdraw: "撤回",
      count: "产出",
      photo: "照片",
    },
    explain: "服务器未接受的内容及原因。记录保留在工位。",
    reason: {
      malformed: "内容无法读取。",
      "too-large": "内容过大。",
      "too-many": "一次发送过多。",
      schema: "有字段无效。",
      "id-reused": "编号已被使用。",
      "unknown-station": "服务器不认识本工位。",
      "unknown-complaint": "服务器没有这条投诉。",
      "not-yours": "这条投诉属于其他工位。",
      "not-allowed": "当前状态下不能这样做。",
      "not-authorized": "该工牌或 PIN 无此权限。班组长、主管或质量工程师可以；致命缺陷只有质量工程师可以。",
      broken: "服务器未能处理。",
    },
  },
};

export const b = words(en, zh);

/** The one warning that stands in both languages at once: whoever passes by must understand it. */
export const notHeardInBoth = { en: en.band.notHeard, zh: zh.band.notHeard } as const;

/** Why the server is not heard, in words; empty when nobody knows. */
export const linkProblem = (code: string | undefined): string => (code ? lookUp(b.value.band.problem, code) : "");

const lookUp = (map: Readonly<Record<string, string>>, key: string): string => map[key] ?? key;

/** A kind of event in words. */
export const eventKind = (kind: string): string => lookUp(b.value.refused.kind, kind);

/** Why the server refused something, in words; an unknown reason stands as it came. */
export const refusal = (reason: string): string => lookUp(b.value.refused.reason, reason);
