import { type Html, html, trusted } from './html.js';
import type { Section } from './section.js';
import { STYLES } from './styles.js';

/** The whole report as one file: no script, nothing loaded from anywhere. */
export function page(title: string, subtitle: string, sections: readonly Section[]): string {
  const findings = sections.flatMap(({ id, finding }) => (finding === undefined ? [] : [{ id, finding }]));
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${title}</title>
<style>${trusted(STYLES)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p class="quiet">${subtitle}</p>
<ul class="findings">
${findings.map(({ id, finding }) => html`<li>${finding} <a href="#${id}" aria-label="details: ${id}">Details</a></li>\n`)}</ul>
<nav aria-label="Contents"><ul>${sections.map(contentsEntry)}</ul></nav>
</header>
<main>
${sections.map(sectionMarkup)}</main>
</body>
</html>
`.markup;
}

const contentsEntry = ({ id, title }: Section): Html => html`<li><a href="#${id}">${title}</a></li>`;

const sectionMarkup = ({ id, title, body }: Section): Html =>
  html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${body}
</section>
`;
