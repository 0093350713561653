// One's own account: who one is, what one may do, another password.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Me, access, meQuery } from "../api/access";
import { Button, Chip } from "../parts/controls";
import { Field, Refusal } from "../parts/fields";
import { Fact, Panel } from "../parts/panels";
import { say } from "../parts/undo";
import { SignOut } from "../parts/who";
import { sentence } from "../words";

export function AccountTab() {
  const { data: me } = useQuery(meQuery);
  if (!me) return null;
  return (
    <>
      <Panel title="You" aside={me.kind === "user" && <SignOut />}>
        <dl>
          <Fact label="Name">{me.name ?? "Visitor on this machine"}</Fact>
          <Fact label="Role">{sentence(me.role ?? "none")}</Fact>
          <Fact label="May">
            <span className="flex flex-wrap justify-end gap-1">
              {me.permissions.map((permission) => (
                <Chip key={permission}>{sentence(permission)}</Chip>
              ))}
            </span>
          </Fact>
        </dl>
        {me.kind === "visitor" && <VisitorNote me={me} />}
      </Panel>
      {me.kind === "user" && <PasswordPanel />}
    </>
  );
}

function VisitorNote({ me }: { me: Me }) {
  return (
    <p className="border-t border-line bg-warn-wash px-4 py-2.5 text-warn">
      Nobody has to sign in here: whoever is on this machine is {me.role}, as the setting
      access.visitor_role says. The demo sets it; a server of your own does not.
    </p>
  );
}

function PasswordPanel() {
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const change = useMutation({
    mutationFn: () => access.changePassword(current, password),
    onSuccess: () => {
      setCurrent("");
      setPassword("");
      say({ text: "The password is changed; your other sessions have ended." });
    },
  });
  return (
    <Panel title="Password">
      <form
        className="grid items-end gap-4 p-4 sm:grid-cols-[1fr_1fr_auto]"
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <Field
          label="Present password"
          type="password"
          autoComplete="current-password"
          required
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
        />
        <Field
          label="New password, at least 10 characters"
          type="password"
          autoComplete="new-password"
          required
          minLength={10}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <Button type="submit" disabled={change.isPending} className="h-8">
          Change
        </Button>
        <div className="sm:col-span-3">
          <Refusal error={change.error} />
        </div>
      </form>
    </Panel>
  );
}
