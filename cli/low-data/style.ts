/** Of the pages about few data. */
export const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 1040px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; } h3 { font-size: 1rem; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 3px 9px; border-bottom: 1px solid #ddd; vertical-align: top; }
th:first-child, td:first-child { text-align: left; }
pre { font-size: 12px; background: #f6f6f4; padding: .8rem; overflow-x: auto; }
small { color: #666; } .wide { overflow-x: auto; margin: .8rem 0; }
.yes { color: #2d7a3e; font-weight: 600; } .no { color: #8a6d1d; font-weight: 600; }
`;
