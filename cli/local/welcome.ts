/** What `start` prints once everything runs: where it is, and one command that plans a trip. */
const DAYS_AHEAD = 14;

export function welcome(port: number, databaseUrl: string, now: Date): string {
  const origin = `localhost:${port}`;
  return `
  API       http://${origin}/api/v1
  Docs      http://${origin}/docs
  Health    http://${origin}/health
  Database  ${databaseUrl}

Plan a trip to Seattle:

${tripCommand(origin, now)}

Ctrl-C stops.`;
}

/** One line for a POSIX shell: makes a guest, and plans three days two weeks from `now`. */
export function tripCommand(origin: string, now: Date): string {
  const startDate = new Date(now.getTime() + DAYS_AHEAD * 86_400_000).toISOString().slice(0, 10);
  const json = "-H 'content-type: application/json'";
  const tags = '{"onboarding_tags":{"food":["ramen","coffee"],"pace":"slow"}}';
  const trip = `{"city":"seattle","start_date":"${startDate}","days":3}`;
  const token = String.raw`sed 's/.*"token":"\([^"]*\)".*/\1/'`;
  return (
    `TOKEN=$(curl -s -XPOST ${origin}/api/v1/users ${json} -d '${tags}' | ${token}) && ` +
    `curl -s -XPOST ${origin}/api/v1/trips ${json} -H "authorization: Bearer $TOKEN" -d '${trip}'`
  );
}
