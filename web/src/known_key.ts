// A key that this page was just given, so that examples to copy can hold it. Never kept: it is
// forgotten with the page.
let key = "";

export function rememberKey(made: string): void {
  key = made;
}
export const knownKey = () => key;
