/** Of the pages about few data, beside what every report has. */
export const STYLE = `
th, td { white-space: normal; vertical-align: top; }
.yes { color: #2d7a3e; font-weight: 600; } .no { color: #8a6d1d; font-weight: 600; }
`;
