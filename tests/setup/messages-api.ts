/** One Messages API stand-in for a run of tests: its address reaches them through `inject('messagesApiUrl')`. */
import type { TestProject } from 'vitest/node';
import { startMessagesApi } from '../stand-ins/messages-api.ts';

declare module 'vitest' {
  interface ProvidedContext {
    messagesApiUrl: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const api = await startMessagesApi();
  project.provide('messagesApiUrl', api.url);
  return () => api.close();
}
