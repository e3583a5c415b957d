import { createApp } from "vue";
import "../look/tokens.css";
import "./board.css";
import BoardApp from "./BoardApp.vue";
import { applyTheme } from "./theme";

applyTheme();
createApp(BoardApp).mount("#app");
