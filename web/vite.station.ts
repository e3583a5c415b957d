import { defineConfig } from "vite";
import { build } from "./vite.shared";

export default defineConfig(build(["./index.html"], "../station_client/threenos_station/static"));
