/**
 * Assembles `dist/assets/`, what the Worker's ASSETS binding serves: the API's docs page at `/docs`, Swagger UI from its
 * package over `/openapi.json`. The page may load from its own origin only. Run by `wrangler` before each build.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const swaggerUi = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:">
    <title>Overplanned API</title>
    <link rel="icon" href="/docs/favicon-32x32.png">
    <link rel="stylesheet" href="/docs/swagger-ui.css">
  </head>
  <body>
    <p style="margin: 1rem; font-family: sans-serif">The trip's socket: <a href="/asyncapi.json">/asyncapi.json</a> (AsyncAPI)</p>
    <div id="docs"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/page.js"></script>
  </body>
</html>
`;

const SCRIPT = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  persistAuthorization: true,
  validatorUrl: null,
});
`;

/** Writes what is missing or differs under `directory`, and leaves the rest alone. */
export async function assembleAssets(directory: string): Promise<void> {
  const docs = join(directory, 'docs');
  await mkdir(docs, { recursive: true });
  await writeIfChanged(join(docs, 'index.html'), Buffer.from(PAGE));
  await writeIfChanged(join(docs, 'page.js'), Buffer.from(SCRIPT));
  for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png']) {
    await writeIfChanged(join(docs, file), await readFile(join(swaggerUi, file)));
  }
}

async function writeIfChanged(file: string, content: Buffer): Promise<void> {
  const present = await readFile(file).catch(() => null);
  if (!present?.equals(content)) await writeFile(file, content);
}

if (import.meta.main) await assembleAssets(fileURLToPath(new URL('../dist/assets', import.meta.url)));
