/** Long words in narrow places: German compounds, part numbers. Pure. */

/** What a line may not be broken in; Chinese may be broken after each sign. */
const WORD = /[^\s\-–/\u00ad\u2e80-\u9fff\uff00-\uffef]+/g;
const LONG = 12;
const LONGER = 16;

/** The level of `data-fit`, which `tokens.css` turns into a size; undefined when nothing must shrink. */
export function fit(text: string): number | undefined {
  const longest = Math.max(0, ...(text.match(WORD) ?? []).map((word) => word.length));
  return longest < LONG ? undefined : longest < LONGER ? LONG : LONGER;
}

const SOFT_HYPHEN = "\u00ad";
/** Where a syllable may end: before the last consonant ahead of a vowel; sounds that are written with several letters stay whole. */
const SYLLABLE = /([aeiouyäöüáéíóú][^\W\d_aeiouyäöü]*?)(?=(?:sch|ch|ck|ph|qu|st|th|[bdfgklpt][lr]|[^\W\d_aeiouyäöü])[aeiouyäöüáéíóú])/giu;
const EDGE = 3;

/** The text with soft hyphens in its long words, so that they break where a reader would, with a hyphen. Breaking is rough, reading is not. */
export function softened(text: string): string {
  return text.replace(WORD, (word) => (word.length < LONGER ? word : syllables(word)));
}

function syllables(word: string): string {
  return word.replace(SYLLABLE, (part: string, _all: string, at: number) => {
    const end = at + part.length;
    return end < EDGE || end > word.length - EDGE ? part : part + SOFT_HYPHEN;
  });
}
