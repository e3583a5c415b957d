/** The words for whoever signed in by a password and still lacks something. */
import { words } from "./language";

const en = {
  back: "Back to the sign-in",
  over: "This took too long, or somebody was faster. Sign in again.",
  own: {
    title: "Choose your own password",
    why: (name: string) => `${name}, somebody else gave you the password that you typed. It is good for this one step only: choose one that nobody else knows.`,
    next: "New password",
    rule: "8 to 128 characters of any kind. A few words that do not belong together are best.",
    bad: "This new password cannot be taken: too short, guessed first, or the one that you were given. Take a few words that do not belong together.",
    send: "Choose it and go on",
  },
};

const zh: typeof en = {
  back: "返回登录",
  over: "时间已过，或已在别处完成。请重新登录。",
  own: {
    title: "设置您自己的密码",
    why: (name) => `${name}，您输入的密码是别人给您的，只能用于这一步：请设置一个别人不知道的密码。`,
    next: "新密码",
    rule: "8 到 128 个任意字符。最好用几个互不相关的词。",
    bad: "不能使用这个新密码：太短、太容易被猜到，或就是别人给您的那个。请用几个互不相关的词。",
    send: "设置并继续",
  },
};

export const t = words(en, zh);
