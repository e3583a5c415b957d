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
  code: {
    title: "Code of your telephone",
    why: "Open the program that makes your codes, and type the six digits that it shows for Threenos.",
    whyRecovery: "Type one of the ten codes that you kept when you set the second factor up. Each is good once.",
    label: "Six digits",
    recovery: "Recovery code",
    send: "Go on",
    lost: "The telephone is not here",
    hasPhone: "The telephone is here",
    bad: "These six digits are not right, or were used already. Wait for the next ones, and look whether the telephone's clock is right.",
    badRecovery: "This recovery code is not right, or was used already. Take another; when none is left, an administrator lets you in.",
  },
  setUp: {
    title: "Set a second factor up",
    wanted: "This system asks you for a second factor: besides your password, six digits that your telephone makes.",
    scan: "Photograph this square with a program that makes codes (TOTP) on your telephone.",
    picture: "QR code for the program that makes codes",
    byHand: "Or type this key into it:",
    label: "The six digits that it shows then",
    send: "Turn it on",
    bad: "These six digits are not right. Wait for the next ones, look whether the telephone's clock is right, or begin again.",
  },
  recovery: {
    title: "Keep these codes",
    why: "When the telephone is lost, each of these codes lets you in once. Print them, or write them down, and keep them in another place than the telephone. They are not shown again.",
    kept: "I have kept them",
    copy: "Copy them",
    copied: "Copied",
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
  code: {
    title: "手机验证码",
    why: "请打开手机上的验证码应用，输入其中 Threenos 显示的六位数字。",
    whyRecovery: "请输入设置两步验证时保存的十个恢复码之一。每个只能用一次。",
    label: "六位数字",
    recovery: "恢复码",
    send: "继续",
    lost: "手机不在身边",
    hasPhone: "使用手机验证码",
    bad: "这六位数字不正确，或已经用过。请等待下一组数字，并检查手机时间是否准确。",
    badRecovery: "这个恢复码不正确，或已经用过。请换一个；若已用完，请联系管理员。",
  },
  setUp: {
    title: "设置两步验证",
    wanted: "本系统要求两步验证：除密码外，还要输入手机生成的六位数字。",
    scan: "请用手机上的验证码应用（TOTP）扫描此二维码。",
    picture: "供验证码应用扫描的二维码",
    byHand: "或在应用中手动输入此密钥：",
    label: "应用随后显示的六位数字",
    send: "启用",
    bad: "这六位数字不正确。请等待下一组数字，检查手机时间是否准确，或重新开始。",
  },
  recovery: {
    title: "请保存这些恢复码",
    why: "手机丢失时，每个恢复码可以登录一次。请打印或抄写，并与手机分开保存。之后不再显示。",
    kept: "我已保存",
    copy: "复制",
    copied: "已复制",
  },
};

export const t = words(en, zh);
