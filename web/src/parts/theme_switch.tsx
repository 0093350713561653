// Light, as the system is, dark.
import { type ThemeChoice, chooseTheme, useThemeChoice } from "../theme_choice";
import { sentence } from "../words";
import { Icon, type IconName } from "./icons";

const THEMES: readonly { choice: ThemeChoice; icon: IconName }[] = [
  { choice: "light", icon: "sun" },
  { choice: "system", icon: "system" },
  { choice: "dark", icon: "moon" },
];

export function ThemeSwitch() {
  const chosen = useThemeChoice();
  return (
    <div
      role="group"
      aria-label="Theme"
      className="flex rounded-md border border-line bg-panel p-0.5"
    >
      {THEMES.map(({ choice, icon }) => (
        <button
          key={choice}
          type="button"
          aria-pressed={chosen === choice}
          aria-label={sentence(choice)}
          title={sentence(choice)}
          onClick={() => chooseTheme(choice)}
          className="grid size-6 place-items-center rounded text-faint hover:text-ink
          aria-pressed:bg-pressed aria-pressed:text-ink"
        >
          <Icon name={icon} />
        </button>
      ))}
    </div>
  );
}
