// The keys, one glance.
import { Dialog } from "radix-ui";
import { Key } from "./parts/controls";
import { Icon } from "./parts/icons";

const GROUPS: readonly { title: string; keys: readonly (readonly [string, string])[] }[] = [
  {
    title: "Anywhere",
    keys: [
      ["Ctrl K", "Search and commands"],
      ["/", "Search"],
      ["q", "Ask a question"],
      ["u", "Undo what was just done"],
      ["?", "This help"],
      ["Esc", "Close"],
    ],
  },
  {
    title: "Go to",
    keys: [
      ["g o", "Overview"],
      ["g c", "Customers"],
      ["g a", "Actions"],
      ["g p", "Pipeline"],
      ["g m", "Models"],
      ["g t", "Tiers and playbook"],
      ["g s", "Settings"],
    ],
  },
  {
    title: "In a list",
    keys: [
      ["j", "Next row"],
      ["k", "Row before"],
      ["x", "Choose the row"],
      ["Enter", "Open the row"],
    ],
  },
  {
    title: "In the inbox",
    keys: [
      ["x", "Select"],
      ["e", "Done"],
      ["s", "Snooze"],
      ["a", "Assign"],
      ["d", "Dismiss"],
    ],
  },
];

export function Help({ open, setOpen }: { open: boolean; setOpen: (open: boolean) => void }) {
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Portal>
        <div className="fixed inset-0 z-30 bg-black/30" aria-hidden />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-[14vh] left-1/2 z-40
          w-[min(560px,calc(100vw-2rem))] -translate-x-1/2 animate-rise rounded-xl bg-panel
          shadow-float outline-none"
        >
          <div className="flex h-12 items-center justify-between border-b border-line pr-3 pl-5">
            <Dialog.Title className="font-semibold">Keyboard</Dialog.Title>
            <Dialog.Close aria-label="Close" className="rounded-md p-1 text-soft hover:bg-hover">
              <Icon name="close" />
            </Dialog.Close>
          </div>
          <div className="grid gap-6 p-5 sm:grid-cols-2">
            {GROUPS.map(({ title, keys }) => (
              <section key={title}>
                <h3 className="label mb-2">{title}</h3>
                <dl className="flex flex-col gap-2">
                  {keys.map(([key, what]) => (
                    <div key={key} className="flex justify-between">
                      <dt>{what}</dt>
                      <dd className="flex gap-1">
                        {key.split(" ").map((part) => (
                          <Key key={part}>{part}</Key>
                        ))}
                      </dd>
                    </div>
                  ))}
                </dl>
              </section>
            ))}
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
