// How the page is built: hashed files, nothing inline, nothing from elsewhere.
import { readFileSync } from "node:fs";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

// theme.js runs before the first paint, so that no light flash precedes a dark page. It must be
// a file of its own: the policy of the page forbids inline scripts.
function themeScript(): Plugin {
  let reference = "";
  return {
    name: "theme-script",
    apply: "build",
    buildStart() {
      const source = readFileSync(new URL("./src/theme.js", import.meta.url), "utf8");
      reference = this.emitFile({ type: "asset", name: "theme.js", source });
    },
    transformIndexHtml: {
      order: "post",
      handler(_, context) {
        const name = Object.keys(context.bundle ?? {}).find((file) => /theme-.*\.js$/.test(file));
        if (!name) throw new Error(`theme.js is not in the bundle (${reference})`);
        return [{ tag: "script", attrs: { src: `/${name}` }, injectTo: "head-prepend" }];
      },
    },
  };
}

export default defineConfig({
  plugins: [react(), tailwindcss(), themeScript()],
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    emptyOutDir: true,
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  // `npm run dev` beside a running program.
  server: { proxy: { "/api": "http://127.0.0.1:3002", "/readyz": "http://127.0.0.1:3002" } },
});
