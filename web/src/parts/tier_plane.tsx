// The plane of two figures: which tier lies where by the draft, and where the customers are.
import { useEffect, useRef } from "react";
import type { RulePreview } from "../api/client";
import { type Task, figure } from "../numbers";
import { sentence, shortTaskLabel, tierTone } from "../words";
import { TierMark } from "./controls";

type Plane = NonNullable<NonNullable<RulePreview["tiers"]>["plane"]>;

// A colour of styles.css as numbers that a canvas can mix.
function colour(element: Element, name: string): [number, number, number] {
  const probe = document.createElement("span");
  probe.style.color = name;
  element.append(probe);
  const [r, g, b] = getComputedStyle(probe).color.match(/[\d.]+/g)!.map(Number);
  probe.remove();
  return [r!, g!, b!];
}

function draw(canvas: HTMLCanvasElement, plane: Plane, tiers: readonly string[]): void {
  const rows = plane.rows === 1 ? 12 : plane.rows;
  canvas.width = plane.columns;
  canvas.height = rows;
  const context = canvas.getContext("2d")!;
  const image = context.createImageData(plane.columns, rows);
  const host = canvas.parentElement!;
  const ground = colour(host, "var(--panel)");
  const tones = tiers.map((tier) => colour(host, tierTone(tier)));
  const most = Math.log1p(Math.max(1, ...plane.customers));
  for (let y = 0; y < rows; ++y) {
    for (let x = 0; x < plane.columns; ++x) {
      const cell = (plane.rows === 1 ? 0 : plane.rows - 1 - y) * plane.columns + x;
      const tone = tones[plane.tiers[cell]!] ?? ground;
      const many = Math.log1p(plane.customers[cell]!) / most;
      const weight = plane.tiers[cell] === -1 ? 0 : 0.22 + 0.78 * many;
      for (let channel = 0; channel < 3; ++channel)
        image.data[4 * (y * plane.columns + x) + channel] =
          ground[channel]! + weight * (tone[channel]! - ground[channel]!);
      image.data[4 * (y * plane.columns + x) + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
}

function Axis({ plane, axis, tasks }: { plane: Plane; axis: "x" | "y"; tasks: readonly Task[] }) {
  const own = plane[axis];
  const task = tasks.find((known) => known.task === own?.task);
  if (!own || !task) return null;
  const ends = [figure(task, own.min), shortTaskLabel(task.task), figure(task, own.max)];
  const turned = "items-center [writing-mode:vertical-rl] rotate-180"; // read upwards
  return (
    <div className={`label flex justify-between ${axis === "x" ? "mt-1" : turned}`}>
      {ends.map((end) => (
        <span key={end}>{end}</span>
      ))}
    </div>
  );
}

export function TierPlane({
  plane,
  tiers,
  tasks,
}: {
  plane: Plane;
  tiers: readonly string[];
  tasks: readonly Task[];
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const paint = () => canvas.current && draw(canvas.current, plane, tiers);
    paint();
    const theme = new MutationObserver(paint);
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => theme.disconnect();
  }, [plane, tiers]);
  const about = [plane.x, plane.y].flatMap((axis) => (axis ? shortTaskLabel(axis.task) : []));
  return (
    <figure className="px-4 py-3">
      <div className="grid grid-cols-[1.25rem_minmax(0,1fr)] gap-x-1.5">
        <Axis plane={plane} axis="y" tasks={tasks} />
        <div>
          <canvas
            ref={canvas}
            role="img"
            aria-label={`Tiers over ${about.join(" and ")}`}
            className={`block w-full rounded-md border border-line [image-rendering:pixelated]
              ${plane.rows === 1 ? "h-12" : "aspect-[5/4]"}`}
          />
          <Axis plane={plane} axis="x" tasks={tasks} />
        </div>
      </div>
      <figcaption className="label mt-2 flex flex-wrap gap-x-4 gap-y-1">
        {tiers.map((tier) => (
          <TierMark key={tier} tier={tier}>
            {sentence(tier)}
          </TierMark>
        ))}
        <span>Darker: more customers</span>
      </figcaption>
    </figure>
  );
}
