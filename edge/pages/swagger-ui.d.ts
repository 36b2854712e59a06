/** The parts used of the npm package swagger-ui-dist, which has no types. */
declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  interface Options {
    readonly url: string;
    readonly domNode: HTMLElement;
    readonly [name: string]: unknown;
  }
  interface SwaggerUi {
    preauthorizeApiKey(scheme: string, key: string): void;
  }
  const start: (options: Options) => SwaggerUi;
  export default start;
}
