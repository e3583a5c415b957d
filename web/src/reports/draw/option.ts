/** How each kind of chart is drawn. A matrix is a table that is coloured, and no drawing. Pure. */
import { bars, barsHeight } from "./bars";
import { control, CONTROL_HEIGHT } from "./control";
import { lines, LINES_HEIGHT } from "./lines";
import { pareto, paretoHeight } from "./pareto";
import type { Part, View } from "./view";

export function optionOf(view: View): Part {
  switch (view.chart.kind) {
    case "pareto":
      return pareto(view);
    case "control":
      return control(view);
    case "lines":
      return lines(view);
    default:
      return bars(view);
  }
}

/** In pixels. */
export function heightOf(view: View): number {
  switch (view.chart.kind) {
    case "pareto":
      return paretoHeight(view);
    case "control":
      return CONTROL_HEIGHT;
    case "lines":
      return LINES_HEIGHT;
    default:
      return barsHeight(view);
  }
}
