// Starts the page.
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { makeClient } from "./api/queries";
import { startLive, watchReachable } from "./api/stream";
import { NowProvider } from "./parts/live";
import { makeRouter } from "./routes";
import "./styles.css";
import { watchSystemTheme } from "./theme_choice";

watchSystemTheme();
const router = makeRouter();
const client = makeClient((code) => {
  const { pathname, href } = router.state.location;
  if (pathname === "/login" || pathname === "/setup") return;
  const search: Record<string, string> = {};
  if (href !== "/") search.back = href;
  if (code === "set_up_needed") search.why = code;
  void router.navigate({ to: "/login", search, replace: true });
});
watchReachable(client);
startLive(client);

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <NowProvider>
        <RouterProvider router={router} />
      </NowProvider>
    </QueryClientProvider>
  </StrictMode>,
);
