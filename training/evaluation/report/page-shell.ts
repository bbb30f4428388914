/** What every report has around it: one file, styles and plots inside, no script, nothing fetched. */
import { Html, html } from './html.ts';

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 1040px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; } h3 { font-size: 1rem; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 3px 9px; border-bottom: 1px solid #ddd; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
small { color: #666; } .wide { overflow-x: auto; margin: .8rem 0; } .plots { display: flex; flex-wrap: wrap; gap: 8px; }
.notice { background: #fdf3d8; border-left: 4px solid #d9a52b; padding: .5rem .9rem; }
pre { background: #f5f5f5; padding: .8rem; overflow-x: auto; font-size: 12px; }
`;

/** The whole page. @param style of this kind of report alone, CSS */
export function page(title: string, body: Html, style = ''): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>${new Html(STYLE + style)}</style></head><body>
${body}
</body></html>
`.text;
}
