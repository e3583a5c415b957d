/** One step of somebody on the way in: doing it, and in words why it was refused. */
import { ref, type Ref } from "vue";
import { t as b } from "../i18n/board";
import { t } from "../i18n/finish";
import { Refusal } from "./api";
import { recall } from "./session";

export interface Step {
  readonly busy: Readonly<Ref<boolean>>;
  readonly wrong: Readonly<Ref<string>>;
  run(what: () => Promise<unknown>): Promise<void>;
  /** What was wrong is of no matter any more. */
  forget(): void;
}

/** `instead` has the step's own words for a status. What was done in another tab meanwhile shows here too. */
export function useStep(instead: () => { readonly [status: number]: string }): Step {
  const busy = ref(false);
  const wrong = ref("");
  async function run(what: () => Promise<unknown>): Promise<void> {
    busy.value = true;
    wrong.value = "";
    try {
      await what();
    } catch (error) {
      wrong.value = explain(error, instead());
      if (error instanceof Refusal && [403, 409].includes(error.problem.status)) await recall();
    } finally {
      busy.value = false;
    }
  }
  return { busy, wrong, run, forget: () => void (wrong.value = "") };
}

function explain(error: unknown, instead: { readonly [status: number]: string }): string {
  if (!(error instanceof Refusal)) return b.value.session.away;
  const { status } = error.problem;
  return instead[status] ?? (status === 429 ? b.value.session.tooMany : t.value.over);
}
