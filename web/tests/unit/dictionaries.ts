/** What is wrong with dictionaries: wordings that are empty, left in English, or punctuated as English in the Chinese. */
import { language } from "../../src/i18n/language";

type Dictionaries = { readonly [name: string]: { readonly t: { readonly value: object } } };

/** Every text by its path; a wording with values is tried with values. */
function texts(words: object, path: string): [string, string][] {
  return Object.entries(words).flatMap(([key, value]: [string, unknown]) => {
    if (typeof value === "string") return [[`${path}.${key}`, value] as [string, string]];
    if (typeof value === "function") return [[`${path}.${key}`, String(value(3, 4))] as [string, string]];
    return texts(value as object, `${path}.${key}`);
  });
}

export function faults(dictionaries: Dictionaries): string[] {
  const said = (to: "en" | "zh") => {
    language.value = to;
    return Object.entries(dictionaries).flatMap(([name, { t }]) => texts(t.value, name));
  };
  const english = new Map(said("en"));
  const chinese = said("zh");
  const lost = chinese.filter(([path, text]) => text === english.get(path) && /[a-z]{3}/i.test(text));
  const empty = [...english, ...chinese].filter(([, text]) => text === "");
  const punctuated = chinese.filter(([, text]) => /[\u4e00-\u9fff][,:;?!]/.test(text));
  return [...lost, ...empty, ...punctuated].map(([path]) => path);
}
