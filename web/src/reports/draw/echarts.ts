/** The parts of ECharts that are used, drawn as SVG: sharp on paper, and in need of nothing that the content policy forbids. */
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsType } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, LineChart, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, SVGRenderer]);

export type Drawn = EChartsType;
export const draw = (box: HTMLElement): Drawn => init(box, null, { renderer: "svg" });
