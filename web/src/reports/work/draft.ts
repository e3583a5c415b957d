/** An 8D as a form holds it: lists as lines of text. Pure. */
import type { Cause, EightD, Sections } from "./api";

export interface CauseDraft {
  whys: string;
  evidence: string;
  verified: boolean;
}

export interface Draft {
  d0: string;
  d1: { champion: string; leader: string; members: string };
  d2: { [Q in keyof Sections["d2"]]: string };
  d3: string;
  occurrence: CauseDraft;
  escape: CauseDraft;
  system: CauseDraft;
  category: string;
  category_detail: string;
  d5: string;
  d6: { on: string; validation: string };
  d7: string;
  d8: string;
}

const lines = (text: string): string[] => text.split("\n").map((line) => line.trim()).filter(Boolean); // prettier-ignore
const cause = ({ whys, evidence, verified }: Cause): CauseDraft => ({ whys: whys.join("\n"), evidence, verified });

export function draftOf(of: EightD): Draft {
  return {
    d0: of.d0,
    d1: { champion: of.d1.champion ?? "", leader: of.d1.leader ?? "", members: of.d1.members.join("\n") },
    d2: { ...of.d2 },
    d3: of.d3,
    occurrence: cause(of.occurrence),
    escape: cause(of.escape),
    system: cause(of.system),
    category: of.category ?? "",
    category_detail: of.category_detail,
    d5: of.d5,
    d6: { on: of.d6.on ?? "", validation: of.d6.validation },
    d7: of.d7,
    d8: of.d8,
  };
}

export function sectionsOf(draft: Draft): Sections {
  const said = (one: CauseDraft): Cause => ({ ...one, whys: lines(one.whys) });
  return {
    ...draft,
    d1: { champion: draft.d1.champion.trim() || null, leader: draft.d1.leader.trim() || null, members: lines(draft.d1.members) },
    occurrence: said(draft.occurrence),
    escape: said(draft.escape),
    system: said(draft.system),
    category: draft.category || null,
    d6: { on: draft.d6.on || null, validation: draft.d6.validation },
  };
}
