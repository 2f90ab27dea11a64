/** What a stream can show. */

/** Colours: on a terminal only, and not where NO_COLOR is set to anything (no-color.org). */
export function wantsColors(
  { isTTY }: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
) {
  return isTTY === true && !env['NO_COLOR'];
}
