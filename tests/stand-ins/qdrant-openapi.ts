/**
 * Holds recorded requests and answers against Qdrant's OpenAPI document, in the form in which the client package ships
 * it: types. Each body becomes a literal of the type that the document gives to it, and the TypeScript compiler judges.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import type { RecordedAnswer, RecordedRequest } from './qdrant-recorder.ts';

const SCHEMA_PATH = fileURLToPath(
  new URL('../../node_modules/@qdrant/js-client-rest/dist/types/openapi/generated_schema.d.ts', import.meta.url),
);
const CHECKED_PATH = fileURLToPath(new URL('./qdrant-openapi-checked.ts', import.meta.url));

/** The generator writes the `null` of an optional reference as any object at all, which would let any filter pass. */
const schema = readFileSync(SCHEMA_PATH, 'utf8').replaceAll('(Record<string, unknown> | null)', 'null');

const templates = [...schema.slice(0, schema.indexOf('interface components')).matchAll(/^ {4}"(\/.*)": \{$/gm)]
  .map((match) => match[1]!)
  .sort((a, b) => a.split('{').length - b.split('{').length);

const HEADER = `
import type { paths } from ${JSON.stringify(SCHEMA_PATH)};
type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : never;
type Body<Operation> = Operation extends { requestBody?: infer Content } ? Json<Content> : never;
type Query<Operation> = Operation extends { parameters: { query?: infer Parameters } } ? Parameters : never;
type Answer<Operation> = Operation extends { responses: { 200: infer Content } } ? Json<Content> : never;
`;

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  types: [],
  lib: ['lib.es2022.d.ts'],
  module: ts.ModuleKind.Preserve,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
};

function templateOf(path: string): string | undefined {
  return templates.find((template) =>
    new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+').replaceAll('.', '\\.')}$`).test(path),
  );
}

/** Parameters travel as text; the document has them as booleans and numbers. */
function parameter(text: string): unknown {
  return text === 'true' || text === 'false' || /^\d+$/.test(text) ? JSON.parse(text) : text;
}

function lines(
  { method, path, query, body }: RecordedRequest,
  answer: RecordedAnswer | undefined,
  i: number,
): string[] {
  const template = templateOf(path);
  const operation = `paths[${JSON.stringify(template ?? path)}][${JSON.stringify(method.toLowerCase())}]`;
  const parameters = Object.fromEntries(Object.entries(query).map(([name, text]) => [name, parameter(text)]));
  const statements = [`export type Operation${i} = ${operation};`];
  if (Object.keys(parameters).length > 0) {
    statements.push(`export const query${i}: Query<${operation}> = ${JSON.stringify(parameters)};`);
  }
  if (body !== undefined) statements.push(`export const body${i}: Body<${operation}> = ${JSON.stringify(body)};`);
  if (answer?.status === 200) {
    statements.push(`export const answer${i}: Answer<${operation}> = ${JSON.stringify(answer.body)};`);
  }
  return statements;
}

/**
 * One line for each thing that the document does not allow: an unknown path or method, a missing, unknown or wrongly
 * typed field or parameter, in a request or in the 200 that was given to it. Empty if all is as it should be.
 */
export function violations(requests: readonly RecordedRequest[], answers: readonly RecordedAnswer[] = []): string[] {
  const statements = requests.flatMap((request, i) => lines(request, answers[i], i));
  const sources = new Map([
    [SCHEMA_PATH, schema],
    [CHECKED_PATH, HEADER + statements.join('\n')],
  ]);
  const host = ts.createCompilerHost(OPTIONS);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => sources.has(name) || fileExists(name);
  host.getSourceFile = (name, languageVersion, ...rest) => {
    const text = sources.get(name);
    if (text === undefined) return getSourceFile(name, languageVersion, ...rest);
    return ts.createSourceFile(name, text, languageVersion);
  };
  const program = ts.createProgram([CHECKED_PATH], OPTIONS, host);
  const checked = program.getSourceFile(CHECKED_PATH)!;
  return [...program.getSyntacticDiagnostics(checked), ...program.getSemanticDiagnostics(checked)].map((diagnostic) => {
    const line = checked.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line - HEADER.split('\n').length + 1;
    const what = /^export (?:const|type) (\w+)/.exec(statements[line] ?? '')?.[1];
    return `${what}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')}`;
  });
}
