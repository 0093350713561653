// Who is signed in, at the foot of the navigation, and the way out.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { access, meQuery } from "../api/access";
import { sentence } from "../words";
import { Button } from "./controls";

export function SignOut() {
  const navigate = useNavigate();
  const client = useQueryClient();
  const logout = useMutation({
    mutationFn: access.logOut,
    onSuccess: async () => {
      await navigate({ to: "/login", search: {} });
      client.clear();
    },
  });
  return (
    <Button quiet disabled={logout.isPending} onClick={() => logout.mutate()}>
      Sign out
    </Button>
  );
}

export function Who() {
  const { data: me } = useQuery(meQuery);
  if (!me) return <div className="mb-3 h-9" />;
  const visitor = me.kind === "visitor";
  return (
    <div className="mb-3 flex min-h-9 items-center justify-between gap-2 px-1.5">
      <Link to="/settings" search={{}} className="min-w-0 rounded-md leading-4 hover:underline">
        <bdi className="name block font-medium">{visitor ? "Demo visitor" : me.name}</bdi>
        <span
          className="block text-2xs text-faint"
          title={visitor ? "Nobody has to sign in: whoever is on this machine may do this." : ""}
        >
          {sentence(me.role ?? me.kind)}
          {visitor && ", not signed in"}
        </span>
      </Link>
      {me.kind === "user" && <SignOut />}
    </div>
  );
}
