/** Reports as the server makes them, and the complaints behind a figure. */
import { language } from "../../i18n/language";
import type { Card } from "../../live/model";
import { address, ask } from "../../session/api";
import type { Named, Offered, Report } from "./document";
import { write, type Query } from "./query";

/** The time zone of the plant, whose days the periods are made of. */
export const timezone = async (): Promise<string> => (await ask<{ site: { timezone: string } }>("GET", "/chain")).site.timezone;

export const offered = (): Promise<readonly Offered[]> => ask("GET", "/reports");
export const report = (name: string, query: Query): Promise<Report> => ask("GET", asked(name, query));

export interface Page {
  readonly items: readonly Card[];
  readonly next: string | null;
}

export const behind = (query: Query, cursor: string | null): Promise<Page> =>
  ask("GET", asked("complaints", query, cursor ? { cursor } : {}));

export const FORMATS = ["csv", "xlsx", "pdf"] as const;
export type Format = (typeof FORMATS)[number];

/** Where the same report is, as a file. */
export const fileAddress = (name: string, query: Query, format: Format): string =>
  address(asked(name, query, { format, language: language.value === "zh" ? "zh-CN" : "en" }));

/** The parts that were complained about most in this period, to be chosen from. */
export async function parts(query: Query): Promise<readonly Named[]> {
  const { tables } = await report("pareto", { ...query, by: ["part"] });
  return (tables[0]?.rows ?? []).map(({ cells }) => cells[0] as Named).filter(({ id }) => id !== "other");
}

function asked(name: string, query: Query, more: Readonly<Record<string, string>> = {}): string {
  const words = new URLSearchParams(write(query));
  for (const [key, value] of Object.entries(more)) words.set(key, value);
  return words.size ? `/reports/${encodeURIComponent(name)}?${words}` : `/reports/${encodeURIComponent(name)}`;
}
