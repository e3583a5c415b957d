import { createApp } from "vue";
import "../look/tokens.css";
import "./station.css";
import { readKeyboard } from "./keys";
import { recallSeen } from "./seen";
import StationApp from "./StationApp.vue";

const station = decodeURIComponent(/^\/station\/([^/]+)/.exec(location.pathname)?.[1] ?? "");
readKeyboard();
recallSeen();
createApp(StationApp, { station }).mount("#app");
