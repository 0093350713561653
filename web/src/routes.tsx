// The screens and their paths; src/api/page_routes.cc answers each of them with the document.
import {
  Link,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from "@tanstack/react-router";
import { Screen } from "./parts/panels";
import { Empty, Failure, SkeletonRows } from "./parts/states";
import { OverviewScreen } from "./screens/overview";
import { Shell } from "./shell";

export type Search = Record<string, string>;

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });
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
    routeTree: root.addChildren([overview, customers, customer, actions, pipeline, models]),
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
