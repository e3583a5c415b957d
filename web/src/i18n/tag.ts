/** The words of the hold tag: on the tag itself in both languages at once, around it in the chosen one. */
import { words } from "./language";

export interface Both {
  readonly en: string;
  readonly zh: string;
}

/** The tag hangs on goods that anybody may meet, whatever he reads. */
export const label = {
  hold: { en: "HOLD", zh: "隔离" },
  doNotUse: { en: "Do not use, do not pass on", zh: "禁止使用，禁止流转" },
  complaint: { en: "Complaint", zh: "投诉" },
  what: { en: "Segregated", zh: "隔离内容" },
  where: { en: "Where", zh: "存放位置" },
  quantity: { en: "Quantity", zh: "数量" },
  sorted: { en: "sorted", zh: "已挑选" },
  bad: { en: "bad", zh: "不良" },
  defect: { en: "Defect", zh: "缺陷" },
  supplier: { en: "Supplier", zh: "供方" },
  found: { en: "Found at", zh: "发现工序" },
  lot: { en: "Part, lot", zh: "零件、批号" },
  date: { en: "Date", zh: "日期" },
  released: { en: "Released by, date", zh: "放行人、日期" },
  scan: { en: "Scan for the complaint", zh: "扫码查看投诉" },
  unclassified: { en: "not known yet", zh: "待定" },
  noDefect: { en: "no defect found", zh: "未发现缺陷" },
} as const satisfies { readonly [part: string]: Both };

const en = {
  back: "Back to the complaint",
  print: "Print",
  size: "Paper",
  a6: "A6 label",
  a4: "A4 sheet",
  not: "There is nothing to hold yet: the tag says what was segregated and where, which the command “Contained” is told.",
  loopback: "This page was opened by an address of this very machine, so the code on the tag opens on no other. Open the desk by the server's address on the network, then print.",
  drill: "This was a drill.",
};

const zh: typeof en = {
  back: "返回投诉",
  print: "打印",
  size: "纸张",
  a6: "A6 标签",
  a4: "A4 整页",
  not: "还没有可隔离的内容：标签写明隔离了什么、放在哪里，这些在执行“已围堵”时填写。",
  loopback: "本页以本机地址打开，标签上的二维码在其他设备上无法打开。请用服务器的网络地址打开工作台后再打印。",
  drill: "这是一次演练。",
};

export const t = words(en, zh);
