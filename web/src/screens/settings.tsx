// Settings: one tab a matter; which one is open stands in the URL.
import { useQuery } from "@tanstack/react-query";
import { Tabs } from "radix-ui";
import type { ComponentType } from "react";
import { type Permission, meQuery, useMay } from "../api/access";
import { Screen } from "../parts/panels";
import { Receivers } from "../parts/receivers";
import { Empty, SkeletonRows } from "../parts/states";
import { useUrlSearch } from "../url_search";
import { AccountTab } from "./settings_account";
import { AuditTab } from "./settings_audit";
import { KeysTab } from "./settings_keys";
import { UsersTab } from "./settings_users";

interface Tab {
  id: string;
  label: string;
  needs: Permission; // to see anything in it
  show: ComponentType;
}
const TABS: readonly Tab[] = [
  { id: "account", label: "Account", needs: "read", show: AccountTab },
  { id: "keys", label: "Keys", needs: "administer", show: KeysTab },
  { id: "users", label: "Users and roles", needs: "administer", show: UsersTab },
  { id: "webhooks", label: "Webhooks", needs: "operate", show: Receivers },
  { id: "audit", label: "Audit", needs: "administer", show: AuditTab },
];

export function SettingsScreen() {
  const { search, change } = useUrlSearch();
  const tab = TABS.find(({ id }) => id === search.tab) ?? TABS[0]!;
  return (
    <Screen title="Settings">
      <Tabs.Root
        value={tab.id}
        onValueChange={(id) => change({ tab: id === TABS[0]!.id ? undefined : id })}
        className="flex flex-col gap-4"
      >
        <Tabs.List aria-label="Settings" className="flex flex-wrap gap-1">
          {TABS.map(({ id, label }) => (
            <Tabs.Trigger
              key={id}
              value={id}
              className="h-7 rounded-md px-2.5 text-xs font-medium text-soft hover:bg-hover
              aria-selected:bg-pressed aria-selected:text-ink"
            >
              {label}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <Tabs.Content value={tab.id} className="flex flex-col gap-4 outline-none">
          <Matter key={tab.id} tab={tab} />
        </Tabs.Content>
      </Tabs.Root>
    </Screen>
  );
}

function Matter({ tab }: { tab: Tab }) {
  const { data: me } = useQuery(meQuery);
  const may = useMay(tab.needs);
  const Shown = tab.show;
  if (!me) return <SkeletonRows rows={4} />;
  if (may) return <Shown />;
  return (
    <div className="panel">
      <Empty title="Your role does not open this">
        {tab.label} need the right to {tab.needs}; an admin can give it.
      </Empty>
    </div>
  );
}
