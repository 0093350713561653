// The assistant beside the screen: a conversation of questions and answers.
import { useMutation } from "@tanstack/react-query";
import { Dialog } from "radix-ui";
import { useEffect, useRef, useState } from "react";
import { type Reply, type Suggestion, ask } from "../api/assistant";
import { FIELD } from "./ask";
import { AssistantReply, Suggestions } from "./assistant_answer";
import { Button } from "./controls";
import { Icon } from "./icons";
import { Failure } from "./states";

interface Turn {
  id: number;
  question: string;
  reply: Reply;
}

const BEGINNINGS: Suggestion[] = [
  "how are we doing",
  "who should we call first",
  "what changed since last week",
  "why are customers leaving",
  "what can I ask",
].map((example) => ({ question: example, about: example, example }));

export function AssistantPanel({ open, close }: { open: boolean; close: () => void }) {
  return (
    <Dialog.Root open={open} onOpenChange={(now) => !now && close()}>
      <Dialog.Portal>
        <div className="fixed inset-0 z-30 bg-black/20" aria-hidden />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-y-0 right-0 z-40 flex w-[min(640px,100vw)] flex-col bg-panel
          shadow-float outline-none"
        >
          <div
            className="flex h-12 shrink-0 items-center justify-between border-b border-line
            pr-3 pl-5"
          >
            <Dialog.Title className="font-semibold">Ask</Dialog.Title>
            <Dialog.Close aria-label="Close" className="rounded-md p-1 text-soft hover:bg-hover">
              <Icon name="close" />
            </Dialog.Close>
          </div>
          <Conversation />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Conversation() {
  const [turns, setTurns] = useState<Turn[]>([]);
  const [text, setText] = useState("");
  const end = useRef<HTMLDivElement>(null);
  const last = turns.at(-1)?.reply;
  const asking = useMutation({
    mutationFn: (question: string) =>
      ask(question, last?.kind === "answer" ? last.context : null),
    onSuccess: (reply, question) => {
      setTurns((before) => [...before, { id: before.length, question, reply }]);
      setText("");
    },
  });
  // In newer browsers it returns a promise, which is no clean-up.
  useEffect(() => {
    void end.current?.scrollIntoView({ block: "end" });
  }, [turns]);
  return (
    <>
      <div className="flex-1 overflow-y-auto px-5 py-4" role="log" aria-label="Conversation">
        {turns.length === 0 && <Suggestions all={BEGINNINGS} ask={asking.mutate} />}
        {turns.map(({ id, question, reply }) => (
          <section key={id} className="mb-6" aria-label={question}>
            <h3 dir="auto" className="mb-2 font-semibold">
              {question}
            </h3>
            <AssistantReply reply={reply} ask={asking.mutate} />
          </section>
        ))}
        {asking.isPending && <p className="label">Looking…</p>}
        {asking.isError && (
          <Failure error={asking.error} retry={() => asking.mutate(asking.variables)} />
        )}
        <div ref={end} />
      </div>
      <form
        className="flex gap-2 border-t border-line px-5 py-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() && !asking.isPending) asking.mutate(text.trim());
        }}
      >
        <input
          autoFocus
          value={text}
          maxLength={1000}
          onChange={(event) => setText(event.target.value)}
          aria-label="Your question"
          placeholder="Ask about customers, money, models…"
          className={FIELD}
        />
        <Button strong type="submit" disabled={asking.isPending || text.trim() === ""}>
          Ask
        </Button>
      </form>
    </>
  );
}
