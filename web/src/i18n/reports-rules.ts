/** The rules of control charts in words: what a marked point says. */
import { words } from "./language";

const en = {
  "nelson-1": "beyond a limit",
  "nelson-2": "9 points in a row on one side",
  "nelson-3": "6 points in a row rising or falling",
  "nelson-4": "14 points in a row up and down in turn",
  "nelson-5": "2 of 3 points beyond 2 sigma on one side",
  "nelson-6": "4 of 5 points beyond 1 sigma on one side",
  "nelson-7": "15 points in a row within 1 sigma",
  "nelson-8": "8 points in a row beyond 1 sigma, on either side",
  "western-electric-1": "beyond 3 sigma",
  "western-electric-2": "2 of 3 points beyond 2 sigma on one side",
  "western-electric-3": "4 of 5 points beyond 1 sigma on one side",
  "western-electric-4": "8 points in a row on one side",
  "cusum-high": "the cumulative sum is too high",
  "cusum-low": "the cumulative sum is too low",
};

const zh: typeof en = {
  "nelson-1": "超出控制限",
  "nelson-2": "连续 9 点在中心线同一侧",
  "nelson-3": "连续 6 点上升或下降",
  "nelson-4": "连续 14 点上下交替",
  "nelson-5": "3 点中有 2 点在同侧 2σ 以外",
  "nelson-6": "5 点中有 4 点在同侧 1σ 以外",
  "nelson-7": "连续 15 点在 1σ 以内",
  "nelson-8": "连续 8 点在两侧 1σ 以外",
  "western-electric-1": "超出 3σ",
  "western-electric-2": "3 点中有 2 点在同侧 2σ 以外",
  "western-electric-3": "5 点中有 4 点在同侧 1σ 以外",
  "western-electric-4": "连续 8 点在中心线同一侧",
  "cusum-high": "累积和过高",
  "cusum-low": "累积和过低",
};

export const rules = words(en, zh);
