/** Hides the values of secret parameters in a query or a form body: `a=1&token=***`. Pure. */

/** A name that is percent-encoded has to be decoded before it can be judged. */
export const ENCODED_NAME = /(?:^|&)[^=&]*%/;

export function redactParameters(text: string, isSecret: (name: string) => boolean): string {
  return text
    .split('&')
    .map((parameter) => {
      const equals = parameter.indexOf('=');
      const name = equals < 0 ? parameter : parameter.slice(0, equals);
      return equals >= 0 && isSecret(decode(name)) ? `${name}=***` : parameter;
    })
    .join('&');
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
