/** Why a report cannot be shown, in words; and which word of the question it is that the report does not take. */
import { t } from "../../i18n/reports";
import { Refusal } from "../../session/api";

export interface Trouble {
  readonly said: string;
  readonly detail: string | null;
  /** Words of the address to be left out. */
  readonly without: readonly string[];
}

const WORDS: { readonly [status: number]: "signedOut" | "forbidden" | "gone" | "asked" } = {
  401: "signedOut",
  403: "forbidden",
  404: "gone",
  400: "asked",
  422: "asked",
};

export function explain(error: unknown): Trouble {
  if (!(error instanceof Refusal)) return { said: t.value.trouble.away, detail: null, without: [] };
  const { status, detail, errors } = error.problem;
  const word = WORDS[status] ?? "broken";
  const without = (errors ?? []).flatMap(({ parameter }) => parameter ?? []);
  const more = (errors ?? []).map((fault) => fault.detail);
  return {
    said: t.value.trouble[word],
    detail: status === 401 ? null : [detail, ...more].filter(Boolean).join(" – ") || null,
    without: word === "asked" ? [...new Set(without)] : [],
  };
}
