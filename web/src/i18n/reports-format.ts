/** Numbers and instants as the reports write them. Apart from the other formats, so that the board does not carry them. */
import { language } from "./language";

const locale = () => (language.value === "zh" ? "zh-CN" : "en-GB");

/** A number with exactly so many decimals, its thousands apart. */
export function grouped(n: number, digits: number): string {
  return new Intl.NumberFormat(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(n);
}

/** An instant as clocks show it in a time zone. */
export function dateTimeIn(at: string, timeZone: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short", hour12: false, timeZone }).format(new Date(at));
}
