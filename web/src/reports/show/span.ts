/** A period as people say it: with its last day. */
import { day } from "../../i18n/format";
import { t } from "../../i18n/reports";
import type { Period } from "../ask/document";
import { plus } from "../ask/period";

export const spanOf = ({ from, to, days }: Pick<Period, "from" | "to" | "days">): string => t.value.page.between(day(from), day(plus(to, -1)), days);
