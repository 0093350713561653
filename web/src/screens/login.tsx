// Sign in, and come back to where one was.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { access, meQuery } from "../api/access";
import { Problem } from "../api/client";
import { Door } from "../parts/door";
import { Field, Refusal } from "../parts/fields";
import { useUrlSearch } from "../url_search";

const BUSY_TRIES = 10; // checking a password takes long on purpose, so they come one by one

// Only to a place of this page: what stands in the address may come from anybody.
function safeWayBack(back: string | undefined): string {
  return back && /^\/(?![/\\])/.test(back) && !back.startsWith("/login") ? back : "/";
}

export function LoginScreen() {
  const { search } = useUrlSearch();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const login = useMutation({
    mutationFn: () => access.logIn({ name, password }),
    retry: (failures, error) =>
      failures < BUSY_TRIES && error instanceof Problem && error.code === "login_busy",
    retryDelay: 1_000,
    onSuccess: (me) => {
      client.clear();
      client.setQueryData(meQuery.queryKey, me);
      void navigate({ href: safeWayBack(search.back), replace: true });
    },
  });
  return (
    <Door title="Sign in" action="Sign in" busy={login.isPending} submit={() => login.mutate()}>
      {search.why === "set_up_needed" && (
        <p role="status" className="rounded-md bg-warn-wash px-3 py-2 text-warn">
          Nobody can sign in yet. Open the set-up link that the program printed when it started, or
          run <code>tideline users create</code>.
        </p>
      )}
      <Field
        label="Name"
        name="username"
        autoComplete="username"
        autoFocus
        required
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      <Refusal error={login.error} />
    </Door>
  );
}
