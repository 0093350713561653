// Plot, fetched when first shown; meanwhile a place of its size.
import { Suspense, lazy } from "react";
import type Plot from "./plot";
import { Skeleton } from "./states";

const Loaded = lazy(() => import("./plot"));

export function LazyPlot(props: React.ComponentProps<typeof Plot>) {
  return (
    <Suspense
      fallback={
        <div className="p-4">
          <Skeleton className="h-[220px] w-full" />
        </div>
      }
    >
      <Loaded {...props} />
    </Suspense>
  );
}
