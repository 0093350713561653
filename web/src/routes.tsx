// The screens and their paths; src/api/page_routes.cc answers each of them with the document.
import {
  Link,
  Outlet,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  useRouterState,
} from "@tanstack/react-router";
import { Screen } from "./parts/panels";
import { Empty, Failure, SkeletonRows } from "./parts/states";
import { OverviewScreen } from "./screens/overview";
import { Shell } from "./shell";

export type Search = Record<string, string>;

const root = createRootRoute({ component: Root, notFoundComponent: NotFound });
const validateSearch = (search: Record<string, unknown>): Search =>
  Object.fromEntries(
    Object.entries(search)
      .filter(([, value]) => value !== undefined && value !== "")
      .map(([key, value]) => [key, String(value)]),
  );

const overview = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: OverviewScreen,
  validateSearch,
});
const customers = createRoute({
  getParentRoute: () => root,
  path: "/customers",
  validateSearch,
  component: lazyRouteComponent(() => import("./screens/customers"), "CustomersScreen"),
});
const customer = createRoute({
  getParentRoute: () => root,
  path: "/customers/$id",
  validateSearch,
  component: lazyRouteComponent(() => import("./screens/customer"), "CustomerScreen"),
});
const actions = createRoute({
  getParentRoute: () => root,
  path: "/actions",
  validateSearch,
  component: lazyRouteComponent(() => import("./screens/actions"), "ActionsScreen"),
});
const pilots = createRoute({
  getParentRoute: () => root,
  path: "/pilots",
  validateSearch,
  component: lazyRouteComponent(() => import("./screens/pilots"), "PilotsScreen"),
});
const money = createRoute({
  getParentRoute: () => root,
  path: "/money",
  validateSearch,
  component: lazyRouteComponent(() => import("./screens/money"), "MoneyScreen"),
});
const pipeline = createRoute({
  getParentRoute: () => root,
  path: "/pipeline",
  validateSearch,
  component: lazyRouteComponent(() => import("./screens/pipeline"), "PipelineScreen"),
});
const models = createRoute({
  getParentRoute: () => root,
  path: "/models",
  validateSearch,
  component: lazyRouteComponent(() => import("./screens/models"), "ModelsScreen"),
});
const rules = createRoute({
  getParentRoute: () => root,
  path: "/rules",
  validateSearch,
  component: lazyRouteComponent(() => import("./screens/rules"), "RulesScreen"),
});

const explore = createRoute({
  getParentRoute: () => root,
  path: "/explore",
  validateSearch,
  component: lazyRouteComponent(() => import("./screens/explore"), "ExploreScreen"),
});

const reports = createRoute({
  getParentRoute: () => root,
  path: "/reports",
  validateSearch,
  component: lazyRouteComponent(() => import("./screens/reports"), "ReportsScreen"),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  validateSearch,
  component: lazyRouteComponent(() => import("./screens/settings"), "SettingsScreen"),
});
const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch,
  component: lazyRouteComponent(() => import("./screens/login"), "LoginScreen"),
});
const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  component: lazyRouteComponent(() => import("./screens/setup"), "SetupScreen"),
});

// Login and set-up stand alone: nothing is read around them.
function Root() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  return path === "/login" || path === "/setup" ? <Outlet /> : <Shell />;
}

function NotFound() {
  return (
    <Screen title="No such page">
      <Empty title="There is nothing here">
        <Link to="/" className="text-accent underline">
          Go to the overview
        </Link>
      </Empty>
    </Screen>
  );
}

export function makeRouter() {
  return createRouter({
    routeTree: root.addChildren([
      overview,
      customers,
      customer,
      actions,
      pilots,
      money,
      pipeline,
      models,
      rules,
      reports,
      explore,
      settings,
      login,
      setup,
    ]),
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch: (search) => {
      const given = Object.entries(search).filter(
        ([, value]) => value !== undefined && value !== "",
      );
      const text = new URLSearchParams(
        given.map(([key, value]) => [key, String(value)]),
      ).toString();
      return text && `?${text}`;
    },
    defaultPreload: "intent",
    scrollRestoration: true,
    defaultPendingComponent: () => <SkeletonRows rows={8} />,
    defaultErrorComponent: ({ error, reset }) => <Failure error={error} retry={reset} />,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
