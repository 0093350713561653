// The first admin, by the link that the program printed. Its token stands behind the #, so that it
// is in no log of a proxy.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { access, meQuery } from "../api/access";
import { Door } from "../parts/door";
import { Field, Refusal } from "../parts/fields";

export function SetupScreen() {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [token] = useState(() => location.hash.slice(1));
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const differs = again !== "" && again !== password;
  const setup = useMutation({
    mutationFn: () => access.setUp({ token, name, password }),
    onSuccess: (me) => {
      client.clear();
      client.setQueryData(meQuery.queryKey, me);
      void navigate({ to: "/", replace: true });
    },
  });
  const submit = () => {
    if (password === again) setup.mutate();
  };
  return (
    <Door title="Make the first admin" action="Start" busy={setup.isPending} submit={submit}>
      {token === "" && (
        <p role="alert" className="rounded-md bg-warn-wash px-3 py-2 text-warn">
          This address has no token. Open the whole link that the program printed.
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
        name="new-password"
        type="password"
        autoComplete="new-password"
        required
        minLength={10}
        note="At least 10 characters."
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      <Field
        label="Password again"
        name="new-password-again"
        type="password"
        autoComplete="new-password"
        required
        note={differs ? "The two are not the same." : undefined}
        value={again}
        onChange={(event) => setAgain(event.target.value)}
      />
      <Refusal error={setup.error} />
    </Door>
  );
}
