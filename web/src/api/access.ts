// Who is signed in, and the calls around users, keys and the audit log.
import { infiniteQueryOptions, queryOptions, useQuery } from "@tanstack/react-query";
import type { components } from "#schema";
import { client, told } from "./client";

type Schemas = components["schemas"];
export type Me = Schemas["Me"];
export type Permission = Me["permissions"][number];
export type User = Schemas["User"];
export type Role = User["role"];
export type ApiKey = Schemas["Key"];
export type NewKey = Schemas["NewKey"];
export type AuditEntry = Schemas["AuditList"]["data"][number];
export const ROLES: readonly Role[] = ["viewer", "analyst", "operator", "admin"];
export const SCOPES: readonly Permission[] = ["ingest", "read", "act", "operate", "administer"];

// What the page must show beside its cookie when it changes something.
let csrfToken: string | null = null;
// What a write that does not go through `client` sends beside its body.
export const writeFields = (): Record<string, string> =>
  csrfToken ? { "X-CSRF-Token": csrfToken } : {};
client.use({
  onRequest({ request }) {
    if (csrfToken && request.method !== "GET") request.headers.set("X-CSRF-Token", csrfToken);
    return request;
  },
});

function known(me: Me): Me {
  csrfToken = me.csrf_token;
  return me;
}

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async () => known(await told(client.GET("/api/v1/me"))),
  staleTime: 60_000,
});

// Whether who looks at the page may do this; false until that is known.
export function useMay(permission: Permission): boolean {
  const { data } = useQuery(meQuery);
  return data?.permissions.includes(permission) ?? false;
}

interface Login {
  name: string;
  password: string;
}
interface NewUser extends Login {
  role: Role;
}
interface UserChange {
  role?: Role;
  disabled?: boolean;
  password?: string;
}
interface KeyWish {
  id?: string;
  scopes: Permission[];
  expires?: string;
}

export const access = {
  logIn: async (body: Login) => known(await told(client.POST("/api/v1/login", { body }))),
  setUp: async (body: Login & { token: string }) =>
    known(await told(client.POST("/api/v1/setup", { body }))),
  logOut: async () => {
    await told(client.POST("/api/v1/logout"));
    csrfToken = null;
  },
  changePassword: (current: string, password: string) =>
    told(client.POST("/api/v1/me/password", { body: { current, password } })),
  users: () => told(client.GET("/api/v1/users")),
  createUser: (body: NewUser) => told(client.POST("/api/v1/users", { body })),
  changeUser: (name: string, body: UserChange) =>
    told(client.PATCH("/api/v1/users/{name}", { params: { path: { name } }, body })),
  keys: () => told(client.GET("/api/v1/keys")),
  createKey: (body: KeyWish) => told(client.POST("/api/v1/keys", { body })),
  revokeKey: (id: string) =>
    told(client.POST("/api/v1/keys/{id}/revoke", { params: { path: { id } } })),
  audit: (cursor?: string) =>
    told(client.GET("/api/v1/audit", { params: { query: { limit: 50, cursor } } })),
};

export const usersQuery = queryOptions({ queryKey: ["users"], queryFn: access.users });
export const keysQuery = queryOptions({ queryKey: ["keys"], queryFn: access.keys });
export const auditQuery = infiniteQueryOptions({
  queryKey: ["audit"],
  queryFn: ({ pageParam }) => access.audit(pageParam || undefined),
  initialPageParam: "",
  getNextPageParam: (page) => page.next_cursor ?? undefined,
});
