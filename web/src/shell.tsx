// What surrounds every screen: navigation, live state, palette, help, keys.
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { Suspense, lazy, useState } from "react";
import { overviewQuery, packQuery, pipelineQuery } from "./api/queries";
import { Help } from "./help";
import { searchField, useKeys } from "./keys";
import mark from "./mark.svg";
import { momentWords } from "./numbers";
import { Palette } from "./palette";
import { Key } from "./parts/controls";
import { Icon, type IconName } from "./parts/icons";
import { LiveDot, LiveState } from "./parts/live_state";
import { ThemeSwitch } from "./parts/theme_switch";
import { Notices } from "./parts/undo";
import { Who } from "./parts/who";
import { sentence } from "./words";

const AssistantPanel = lazy(async () => ({
  default: (await import("./parts/assistant_panel")).AssistantPanel,
}));

export const SCREENS = [
  { to: "/", label: "Overview", icon: "overview", keys: "g o" },
  { to: "/customers", label: "Customers", icon: "customers", keys: "g c" },
  { to: "/actions", label: "Actions", icon: "actions", keys: "g a" },
  { to: "/pilots", label: "Pilots", icon: "pilots", keys: "g i" },
  { to: "/money", label: "Money", icon: "money", keys: "g n" },
  { to: "/pipeline", label: "Pipeline", icon: "pipeline", keys: "g p" },
  { to: "/models", label: "Models", icon: "models", keys: "g m" },
  { to: "/rules", label: "Tiers and playbook", icon: "rules", keys: "g t" },
  { to: "/explore", label: "Explore", icon: "columns", keys: "g e" },
  { to: "/reports", label: "Reports", icon: "reports", keys: "g r" },
  { to: "/settings", label: "Settings", icon: "settings", keys: "g s" },
] as const satisfies readonly { to: string; label: string; icon: IconName; keys: string }[];

export function Shell() {
  const navigate = useNavigate();
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const [asking, setAsking] = useState(false);
  useQuery(pipelineQuery); // its samples are gathered on every screen
  useKeys({
    "mod+k": () => setPalette((open) => !open),
    "/": () => (searchField() ? searchField()!.focus() : setPalette(true)),
    "?": () => setHelp(true),
    q: () => setAsking(true),
    ...Object.fromEntries(SCREENS.map(({ to, keys }) => [keys, () => void navigate({ to })])),
  });
  return (
    <div className="flex min-h-dvh flex-col md:grid md:grid-cols-[232px_minmax(0,1fr)]">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-panel
        focus:p-2"
      >
        Skip to the content
      </a>
      <Rail
        openPalette={() => setPalette(true)}
        openHelp={() => setHelp(true)}
        openAssistant={() => setAsking(true)}
      />
      <main id="main" tabIndex={-1} className="min-w-0 flex-1 pb-14 outline-none md:pb-0">
        <Notice />
        <Outlet />
      </main>
      <Tabs />
      <Palette open={palette} setOpen={setPalette} />
      <Help open={help} setOpen={setHelp} />
      {asking && (
        <Suspense>
          <AssistantPanel open close={() => setAsking(false)} />
        </Suspense>
      )}
      <Notices />
    </div>
  );
}

interface RailProps {
  openPalette: () => void;
  openHelp: () => void;
  openAssistant: () => void;
}

function Rail({ openPalette, openHelp, openAssistant }: RailProps) {
  return (
    <div
      className="flex h-12 items-center gap-2 border-b border-line bg-rail px-3 md:sticky
      md:top-0 md:h-dvh md:flex-col md:items-stretch md:gap-0 md:border-r md:border-b-0 md:p-3"
    >
      <Brand />
      <button
        type="button"
        onClick={openPalette}
        className="ml-auto flex h-8 items-center gap-2 rounded-md border border-line bg-panel px-2
        text-faint hover:border-line-strong md:mb-2 md:ml-0"
      >
        <Icon name="search" />
        <span className="flex-1 text-left max-md:sr-only">Search…</span>
        <span aria-hidden className="hidden gap-1 md:flex">
          <Key>Ctrl</Key>
          <Key>K</Key>
        </span>
      </button>
      <button
        type="button"
        onClick={openAssistant}
        className="flex h-8 items-center gap-2 rounded-md border border-line bg-panel px-2
        text-faint hover:border-line-strong md:mb-4"
      >
        <span className="flex-1 text-left">Ask…</span>
        <span aria-hidden className="hidden md:flex">
          <Key>q</Key>
        </span>
      </button>
      <LiveDot />
      <Screens />
      <div className="hidden md:mt-auto md:block">
        <Who />
        <LiveState />
        <div className="mt-3 flex items-center justify-between">
          <ThemeSwitch />
          <button
            type="button"
            onClick={openHelp}
            aria-label="Keyboard help"
            className="rounded-md p-1 hover:bg-hover"
          >
            <Key>?</Key>
          </button>
        </div>
      </div>
    </div>
  );
}

function Brand() {
  const { data: pack } = useQuery(packQuery);
  return (
    <div className="flex items-center gap-2.5 md:px-1.5 md:pt-1 md:pb-4">
      <img src={mark} alt="" width="24" height="24" />
      <div className="leading-4">
        <p className="font-semibold tracking-[-0.01em]">Tideline</p>
        <p className="text-2xs text-faint">{pack ? sentence(pack.name) : <>&nbsp;</>}</p>
      </div>
    </div>
  );
}

function Screens() {
  return (
    <nav aria-label="Screens" className="hidden flex-col gap-0.5 md:flex">
      {SCREENS.map(({ to, label, icon }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ exact: to === "/", includeSearch: false }}
          className="flex h-8 items-center gap-2.5 rounded-md px-2 font-medium text-soft
          hover:bg-hover hover:text-ink aria-[current=page]:bg-pressed
          aria-[current=page]:text-ink"
        >
          <Icon name={icon} />
          {label}
        </Link>
      ))}
    </nav>
  );
}

// On a narrow screen the navigation is at the thumb.
function Tabs() {
  return (
    <nav
      aria-label="Screens"
      className="fixed inset-x-0 bottom-0 z-20 grid h-14 auto-cols-fr grid-flow-col border-t
      border-line bg-rail md:hidden"
    >
      {SCREENS.map(({ to, label, icon }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ exact: to === "/", includeSearch: false }}
          className="flex min-w-0 flex-col items-center justify-center gap-0.5 px-0.5 text-2xs
          text-faint aria-[current=page]:font-medium aria-[current=page]:text-accent"
        >
          <Icon name={icon} />
          <span className="max-w-full truncate">{label}</span>
        </Link>
      ))}
    </nav>
  );
}

function Notice() {
  const { data } = useQuery(overviewQuery);
  const text = data?.as_of
    ? `Time stands still at ${momentWords(data.as_of)}; no events are taken in.`
    : data?.degraded
      ? "No model is in service: events are taken in, customers stay unscored."
      : "";
  if (!text) return null;
  return (
    <p role="status" className="border-b border-line bg-warn-wash px-4 py-2 text-warn md:px-8">
      {text}
    </p>
  );
}
