// What stands before the page while nobody is signed in: one form in the middle.
import type { FormEvent, ReactNode } from "react";
import mark from "../mark.svg";
import { Button } from "./controls";

export function Door({
  title,
  action,
  busy,
  submit,
  children,
}: {
  title: string;
  action: string;
  busy: boolean;
  submit: () => void;
  children: ReactNode;
}) {
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!busy) submit();
  };
  return (
    <main id="main" className="grid min-h-dvh place-items-center px-4 py-10">
      <form onSubmit={send} className="panel flex w-full max-w-[360px] flex-col gap-4 p-6">
        <div className="flex items-center gap-2.5">
          <img src={mark} alt="" width="24" height="24" />
          <span className="font-semibold">Tideline</span>
        </div>
        <h1 className="text-[1.1875rem] leading-7 font-semibold tracking-[-0.014em]">{title}</h1>
        {children}
        <Button strong type="submit" disabled={busy} className="h-9 justify-center text-sm">
          {action}
        </Button>
      </form>
    </main>
  );
}
