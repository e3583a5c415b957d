/** Durations, times and numbers as the chosen language writes them. */
import { language } from "./language";

const locale = () => (language.value === "zh" ? "zh-CN" : "en-GB");

const two = (n: number) => String(n).padStart(2, "0");

/** A running clock from seconds: `0:07`, `12:40`, `3:05:09`, and days from 24 h on. Negative counts as 0. */
export function clock(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const [h, m, rest] = [Math.floor(s / 3600), Math.floor((s % 3600) / 60), s % 60];
  if (h >= 24) return span(s);
  return h > 0 ? `${h}:${two(m)}:${two(rest)}` : `${m}:${two(rest)}`;
}

/** A length of time in words, one or two units: `45 s`, `3 min`, `2 h 5 min`, `1 d 4 h`. */
export function span(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  const unit = language.value === "zh" ? ["天", "小时", "分", "秒"] : ["d", "h", "min", "s"];
  if (s < 60) return `${s} ${unit[3]}`;
  if (s < 3600) return `${Math.floor(s / 60)} ${unit[2]}`;
  const [big, small, bigUnit, smallUnit] =
    s < 86400
      ? [Math.floor(s / 3600), Math.floor((s % 3600) / 60), unit[1], unit[2]]
      : [Math.floor(s / 86400), Math.floor((s % 86400) / 3600), unit[0], unit[1]];
  return small ? `${big} ${bigUnit} ${small} ${smallUnit}` : `${big} ${bigUnit}`;
}

export function number(n: number): string {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: 2 }).format(n);
}

/** Time of day, with seconds when `seconds`. `at` is RFC 3339 or milliseconds. */
export function timeOfDay(at: string | number, seconds = false): string {
  return new Intl.DateTimeFormat(locale(), {
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds ? { second: "2-digit" as const } : {}),
    hour12: false,
  }).format(new Date(at));
}

export function dateTime(at: string | number, seconds = false): string {
  const timeStyle = seconds ? "medium" : "short";
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle, hour12: false }).format(new Date(at));
}

/** A day that is written as `YYYY-MM-DD` and belongs to no time zone. */
export function day(iso: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeZone: "UTC" }).format(new Date(`${iso}T00:00:00Z`));
}
