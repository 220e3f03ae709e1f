/** The published types describe the package's ES modules; Node loads this file as CommonJS, whose export is the function. */
declare module 'validator/lib/isEmail.js' {
  const isEmail: (text: string) => boolean;
  export = isEmail;
}
