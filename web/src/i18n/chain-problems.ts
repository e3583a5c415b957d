/** What the checks of the chain say, by the codes of the server. `a` … `d` are what a problem is about. */
import { words } from "./language";

type Say = (a: string, b: string, c: string, d: string) => string;

const en = {
  unreadable: () => "This cannot be read.",
  shape: () => "Something else is expected here.",
  "unknown-key": (a) => `“${a}” is not known here.`,
  missing: (a) => `“${a}” is missing.`,
  text: (a) => `Write a text of 1 to ${a} characters.`,
  characters: () => "Control characters and line breaks cannot be kept; leave them out.",
  id: (a) => `“${a}” is no id: small letters, digits and hyphens, at most 32, no hyphen first.`,
  choice: (a, b) => `“${a}” is none of ${b}.`,
  duration: (a) => `“${a}” is no duration; write 90 s, 3 min or 24 h, at most a year.`,
  amount: (a) => `“${a}” is no amount; write a number that is not negative.`,
  date: (a) => `“${a}” is no date; write 2026-10-01.`,
  time: (a) => `“${a}” is no time of day; write 09:00, or 09:00-09:15 for a break.`,
  days: (a) => `“${a}” is no day of the week.`,
  holiday: (a) => `A holiday ends after it begins and has at most ${a} days.`,
  ladder: () => "Each rung of a ladder comes later than the one before it.",
  timezone: (a) => `“${a}” is no time zone; write Asia/Shanghai or such.`,
  currency: (a) => `“${a}” is no currency; write its three letters, such as CNY.`,
  duplicate: (a) => `“${a}” is there already.`,
  reserved: (a) => `“${a}” is reserved; it is there without being listed.`,
  "line-owner": (a, b) => `Line ${a} is owned by the unknown process ${b}.`,
  grace: (a) => `Line ${a} would go on for over an hour after a stop.`,
  "process-line": (a, b) => `${a} is on the unknown line ${b}.`,
  "function-line": (a) => `${a} is a function, which serves every line: it is on none.`,
  "station-process": (a, b) => `Station ${a} is of the unknown process ${b}.`,
  "station-no-line": (a) => `Station ${a} is on no line, and its process names none.`,
  "station-line": (a, b) => `Station ${a} is on the unknown line ${b}.`,
  "station-elsewhere": (a, b, c, d) => `Station ${a} is on ${b}, but its process ${c} on ${d}.`,
  "station-taken": (a, b) => `Station ${a} is there already, at the site ${b}. Ids of stations are unique over all sites.`,
  "link-supplier": (a) => `A link comes from the unknown process ${a}.`,
  "link-customer": (a) => `A link leads to the unknown process ${a}.`,
  "link-self": (a) => `${a} is linked to itself.`,
  "link-standard": (a) => `The service standard ${a} is unknown.`,
  cycle: () => "The process links go round in a circle:",
  "no-customer": (a) => `${a} has no customer. No customer, no need for the post; the last step’s customer is the final customer.`,
  "defect-origin": (a, b) => `Defect ${a} is made at the unknown process ${b}.`,
  "defect-inspector": (a, b) => `Defect ${a} is inspected by the unknown process ${b}.`,
  "shift-days": (a) => `Shift ${a} works on no day.`,
  "shift-breaks": (a) => `The breaks of shift ${a} overlap or do not lie within it.`,
  "rate-process": (a) => `There is a unit cost for the unknown process ${a}.`,
  "rate-line": (a) => `There is a stop minute of the unknown line ${a}.`,
  "no-standard": (a, b) => `The link ${a} → ${b} has no service standard; the defaults hold.`,
  "no-owner": (a) => `${a} has no owner role.`,
  "not-inspected": (a) => `No process inspects for ${a}.`,
  "not-reached": (a) => `No link reaches ${a}: nobody is named as its supplier.`,
  more: (n) => `And ${n} more, behind this one.`,
} satisfies Readonly<Record<string, Say>>;

const zh: Readonly<Record<keyof typeof en, Say>> = {
  unreadable: () => "无法读取。",
  shape: () => "此处应为其他内容。",
  "unknown-key": (a) => `此处没有“${a}”这一项。`,
  missing: (a) => `缺少“${a}”。`,
  text: (a) => `请填写 1 至 ${a} 个字符。`,
  characters: () => "不能包含控制字符和换行，请删除。",
  id: (a) => `“${a}”不是有效编号：小写字母、数字和连字符，最多 32 个，不以连字符开头。`,
  choice: (a, b) => `“${a}”不在可选范围内：${b}。`,
  duration: (a) => `“${a}”不是时长；请写 90 s、3 min 或 24 h，最长一年。`,
  amount: (a) => `“${a}”不是金额；请填写非负数。`,
  date: (a) => `“${a}”不是日期；请写 2026-10-01。`,
  time: (a) => `“${a}”不是时刻；请写 09:00，休息写 09:00-09:15。`,
  days: (a) => `“${a}”不是星期。`,
  holiday: (a) => `节假日的结束日不早于开始日，最多 ${a} 天。`,
  ladder: () => "升级的每一级都应晚于上一级。",
  timezone: (a) => `“${a}”不是时区；请写 Asia/Shanghai 这样的名称。`,
  currency: (a) => `“${a}”不是货币；请写三个字母，如 CNY。`,
  duplicate: (a) => `“${a}”已经存在。`,
  reserved: (a) => `“${a}”是保留名称，无需列出。`,
  "line-owner": (a, b) => `产线 ${a} 的负责工序 ${b} 不存在。`,
  grace: (a) => `产线 ${a} 停线后会继续运行一小时以上。`,
  "process-line": (a, b) => `${a} 所在的产线 ${b} 不存在。`,
  "function-line": (a) => `${a} 是职能部门，服务于所有产线，不属于任何产线。`,
  "station-process": (a, b) => `工位 ${a} 所属的工序 ${b} 不存在。`,
  "station-no-line": (a) => `工位 ${a} 没有产线，其工序也没有指明。`,
  "station-line": (a, b) => `工位 ${a} 所在的产线 ${b} 不存在。`,
  "station-elsewhere": (a, b, c, d) => `工位 ${a} 在 ${b}，但其工序 ${c} 在 ${d}。`,
  "station-taken": (a, b) => `工位 ${a} 已在工厂 ${b} 使用。工位编号在所有工厂中唯一。`,
  "link-supplier": (a) => `关系的供方工序 ${a} 不存在。`,
  "link-customer": (a) => `关系的客户方工序 ${a} 不存在。`,
  "link-self": (a) => `${a} 与自身建立了关系。`,
  "link-standard": (a) => `服务标准 ${a} 不存在。`,
  cycle: () => "工序客户关系形成了循环：",
  "no-customer": (a) => `${a} 没有客户。找不到客户的岗位没有存在的必要；最后一道工序的客户是最终客户。`,
  "defect-origin": (a, b) => `缺陷 ${a} 的产生工序 ${b} 不存在。`,
  "defect-inspector": (a, b) => `缺陷 ${a} 的检验工序 ${b} 不存在。`,
  "shift-days": (a) => `班次 ${a} 没有工作日。`,
  "shift-breaks": (a) => `班次 ${a} 的休息时间重叠或不在班次内。`,
  "rate-process": (a) => `为不存在的工序 ${a} 设了单件成本。`,
  "rate-line": (a) => `为不存在的产线 ${a} 设了停线分钟成本。`,
  "no-standard": (a, b) => `关系 ${a} → ${b} 没有服务标准，按默认值。`,
  "no-owner": (a) => `${a} 没有负责角色。`,
  "not-inspected": (a) => `没有工序检验 ${a}。`,
  "not-reached": (a) => `没有关系到达 ${a}：没有指明它的供方。`,
  more: (n) => `此后还有 ${n} 处。`,
};

export const p = words<Readonly<Record<keyof typeof en, Say>>>(en, zh);

const places = words(
  { line: (n: string) => `line ${n}`, row: (sheet: string, n: string) => `sheet ${sheet}, row ${n}` },
  { line: (n) => `第 ${n} 行`, row: (sheet, n) => `工作表 ${sheet}，第 ${n} 行` },
);

/** A place in a file, as the server names it. */
export function whereText(where: string): string {
  const line = /^line (\d+)$/.exec(where)?.[1];
  if (line) return places.value.line(line);
  const [, sheet, row] = /^sheet (\S+), row (\d+)$/.exec(where) ?? [];
  return sheet && row ? places.value.row(sheet, row) : where;
}

/** A problem in the chosen language; `named` gives an id its name. A code that this page does not know stands as it came. */
export function problemText(
  problem: { readonly code: string; readonly detail: string; readonly about: readonly string[] },
  named: (id: string) => string,
): string {
  if (!(problem.code in en)) return problem.detail;
  const say = p.value[problem.code as keyof typeof en];
  const [a = "", b = "", c = "", d = ""] = problem.about.map(named);
  const text = say(a, b, c, d);
  if (problem.code === "cycle") return `${text} ${problem.about.map(named).join(" → ")}`;
  // What a file said there only its reader knows; the words of others stand beside ours.
  return problem.code === "unreadable" || problem.code === "shape" ? `${text} (${problem.detail})` : text;
}
