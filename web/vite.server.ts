import { defineConfig } from "vite";
import { build } from "./vite.shared";

export default defineConfig(build(["./board.html", "./desk.html"], "../server/threenos_server/static"));
