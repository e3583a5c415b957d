/** The words of one's own account. */
import { words } from "./language";

const en = {
  password: "Another password",
  present: "Present password",
  next: "New password",
  rule: "8 to 128 characters of any kind. A few words that do not belong together are best.",
  change: "Change the password",
  changed: "The password is changed. Everywhere else you are signed out.",
  notPresent: "The present password is not right. Nothing was changed.",
  where: "Where you are signed in",
  begun: "Signed in",
  seen: "Last used",
  here: "This browser",
  there: "Another browser",
  end: "Sign out there",
  endAll: "Sign out everywhere else",
  again: "Your present password, when you signed in more than ten minutes ago",
};

const zh: typeof en = {
  password: "修改密码",
  present: "当前密码",
  next: "新密码",
  rule: "8 到 128 个任意字符。最好用几个互不相关的词。",
  change: "修改密码",
  changed: "密码已修改。其他地方的登录均已退出。",
  notPresent: "当前密码不正确，未作任何更改。",
  where: "您的登录位置",
  begun: "登录时间",
  seen: "最近使用",
  here: "本浏览器",
  there: "其他浏览器",
  end: "退出该处登录",
  endAll: "退出其他所有登录",
  again: "若登录已超过十分钟，请输入当前密码",
};

export const t = words(en, zh);
