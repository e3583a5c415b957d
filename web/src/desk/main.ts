import { createApp } from "vue";
import "../look/tokens.css";
import "./desk.css";
import DeskApp from "./DeskApp.vue";

createApp(DeskApp).mount("#app");
