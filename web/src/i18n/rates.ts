/** The words of the page of cost rates. */
import { words } from "./language";

const en = {
  lead: "What a defect costs, in the currency of the site. Rates count from a day on, so that older figures stay what they were. Both sides of a complaint see them.",
  readOnly: "Administrators of the whole site change them.",
  none: "No rates yet, so the figures say nothing of cost. Add the first.",
  from: "From",
  counts: "counts now",
  later: "to come",
  add: "Add rates from another day",
  edit: (day: string) => `Rates from ${day}`,
  fresh: "New rates",
  rework: "An hour of rework",
  sort: "An hour of sorting",
  stops: "A minute for which a line stops",
  units: "A piece that is scrapped, by the process it had reached",
  remove: "Remove",
  removeWarning: "Figures from this day on are counted with the rates before.",
  saved: "The rates are saved.",
  twice: "There are rates from this day on already. Change those, or choose another day.",
  faster: "Somebody changed the chain meanwhile, so nothing was saved. What you typed is kept; save again if it still fits.",
};

const zh: typeof en = {
  lead: "缺陷的成本，以工厂货币计。费率自某日起生效，较早的数据保持不变。投诉双方都能看到。",
  readOnly: "更改由整个工厂的管理员进行。",
  none: "还没有费率，因此没有成本数据。请添加第一组。",
  from: "自",
  counts: "当前生效",
  later: "尚未生效",
  add: "添加自另一日起的费率",
  edit: (day) => `自 ${day} 起的费率`,
  fresh: "新费率",
  rework: "返工一小时",
  sort: "挑选一小时",
  stops: "产线停一分钟",
  units: "报废一件（按已到达的工序）",
  remove: "移除",
  removeWarning: "自该日起的数据将按之前的费率计算。",
  saved: "费率已保存。",
  twice: "该日起的费率已存在。请修改它，或选择其他日期。",
  faster: "期间有人更改了链条，因此没有保存。您输入的内容已保留，如仍适用请再次保存。",
};

export const t = words(en, zh);
