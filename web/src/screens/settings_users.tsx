// Users and their roles.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ROLES, type Role, type User, access, meQuery, usersQuery } from "../api/access";
import { Button, Chip } from "../parts/controls";
import { Choice, Field, Refusal } from "../parts/fields";
import { Ago } from "../parts/live";
import { Panel } from "../parts/panels";
import { Empty, Failure, SkeletonRows } from "../parts/states";
import { say } from "../parts/undo";

const ROLE_WORDS: Record<Role, string> = {
  viewer: "sees everything, changes nothing",
  analyst: "also works on customers: actions, overrides",
  operator: "also runs the program: dead letters, models, tiers, alerts",
  admin: "also manages users and keys",
};

export function UsersTab() {
  const users = useQuery(usersQuery);
  return (
    <>
      <Panel title="Users" reading={users}>
        {users.isPending && <SkeletonRows rows={3} className="h-12" />}
        {users.isError && !users.data && <Failure error={users.error} retry={users.refetch} />}
        {users.data?.data.length === 0 && (
          <Empty title="No users yet">Make the first one below; it should be an admin.</Empty>
        )}
        <ul>
          {users.data?.data.map((user) => (
            <UserRow key={user.name} user={user} />
          ))}
        </ul>
      </Panel>
      <NewUserPanel first={users.data?.data.length === 0} />
    </>
  );
}

type NamedChange = { name: string } & Parameters<typeof access.changeUser>[1];
function useUserChange(done: (user: User) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ name, ...change }: NamedChange) => access.changeUser(name, change),
    onSuccess: done,
    onSettled: () => void client.invalidateQueries({ queryKey: usersQuery.queryKey }),
  });
}

function UserRow({ user }: { user: User }) {
  const { data: me } = useQuery(meQuery);
  const [resetting, setResetting] = useState(false);
  const change = useUserChange((changed) =>
    say({ text: `${changed.name} is changed and signed out everywhere.` }),
  );
  return (
    <li className="border-b border-line px-4 py-2.5 last:border-b-0">
      <div
        className="grid items-center gap-x-4 gap-y-2
          md:grid-cols-[minmax(10rem,1.2fr)_9rem_minmax(0,1fr)_auto]"
      >
        <span className="flex min-w-0 items-center gap-2 font-medium">
          <bdi className="name">{user.name}</bdi>
          {me?.name === user.name && <Chip>You</Chip>}
          {user.disabled && <Chip tone="warn">Disabled</Chip>}
        </span>
        <Choice
          bare
          label={`Role of ${user.name}`}
          options={ROLES}
          value={user.role}
          disabled={change.isPending}
          onChange={(event) =>
            change.mutate({ name: user.name, role: event.target.value as Role })
          }
        />
        <span className="label truncate">
          {user.last_login ? (
            <>
              signed in <Ago time={user.last_login} />
            </>
          ) : (
            "never signed in"
          )}
          {user.sessions > 0 && `, ${user.sessions} open`}
        </span>
        <span className="flex gap-1.5">
          <Button onClick={() => setResetting((open) => !open)} aria-expanded={resetting}>
            Set password
          </Button>
          <Button
            disabled={change.isPending}
            onClick={() => change.mutate({ name: user.name, disabled: !user.disabled })}
          >
            {user.disabled ? "Enable" : "Disable"}
          </Button>
        </span>
      </div>
      {resetting && <ResetPassword user={user} close={() => setResetting(false)} />}
      <Refusal error={change.error} />
    </li>
  );
}

function ResetPassword({ user, close }: { user: User; close: () => void }) {
  const [password, setPassword] = useState("");
  const change = useUserChange(() => {
    say({ text: `${user.name} has a new password.` });
    close();
  });
  return (
    <form
      className="mt-3 flex flex-wrap items-end gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate({ name: user.name, password });
      }}
    >
      <Field
        label={`New password of ${user.name}, at least 10 characters`}
        type="password"
        autoComplete="new-password"
        required
        minLength={10}
        autoFocus
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      <Button type="submit" className="h-8" disabled={change.isPending}>
        Set
      </Button>
      <Refusal error={change.error} />
    </form>
  );
}

function NewUserPanel({ first }: { first: boolean }) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [role, setRole] = useState<Role>(first ? "admin" : "viewer");
  const create = useMutation({
    mutationFn: () => access.createUser({ name, password, role }),
    onSuccess: (user) => {
      setName("");
      setPassword("");
      say({ text: `${user.name} can sign in now.` });
    },
    onSettled: () => void client.invalidateQueries({ queryKey: usersQuery.queryKey }),
  });
  return (
    <Panel title="New user">
      <form
        className="grid items-start gap-4 p-4 md:grid-cols-[1fr_1fr_10rem_auto]"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <Field
          label="Name"
          required
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Field
          label="Password, at least 10 characters"
          type="password"
          autoComplete="new-password"
          required
          minLength={10}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <Choice
          label="Role"
          options={ROLES}
          value={role}
          onChange={(event) => setRole(event.target.value as Role)}
        />
        <Button type="submit" disabled={create.isPending} className="mt-[1.375rem] h-8">
          Make
        </Button>
        <p className="label md:col-span-4">
          {ROLES.map((known) => `${known}: ${ROLE_WORDS[known]}`).join("; ")}.
        </p>
        <div className="md:col-span-4">
          <Refusal error={create.error} />
        </div>
      </form>
    </Panel>
  );
}
