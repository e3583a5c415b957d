import { createApp } from "vue";
import "../look/tokens.css";
import "./station.css";
import { describeApp } from "./installed";
import { readKeyboard } from "./keys";
import { recallSeen } from "./seen";
import StationApp from "./StationApp.vue";
import { askToLast } from "./storage";

const station = decodeURIComponent(/^\/station\/([^/]+)/.exec(location.pathname)?.[1] ?? "");
readKeyboard();
recallSeen();
describeApp(station);
createApp(StationApp, { station }).mount("#app");
void askToLast();
