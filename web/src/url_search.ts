// What a screen keeps in the URL: filters, sort, what is open.
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { Search } from "./routes";

export function useUrlSearch() {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const change = (changes: Record<string, string | undefined>) =>
    void navigate({
      to: ".",
      replace: true,
      search: (old: Record<string, unknown>) => ({ ...old, ...changes }) as never,
    });
  // All of it at once; can be gone back from.
  const replace = (next: Record<string, string>) =>
    void navigate({ to: ".", search: () => next as never });
  return { search, change, replace };
}
