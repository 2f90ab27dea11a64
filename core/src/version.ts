/** The version of the product, as `/healthz` tells it. A test ties it to package.json. */
export const VERSION = '0.1.0';
