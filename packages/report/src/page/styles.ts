/**
 * The look of the report: one column that fits a phone, light and dark by the reader's setting. Colours of the series
 * are told apart by people with colour-blindness (after Okabe and Ito, Color Universal Design, 2008), darkened or
 * lightened to at least 3:1 against the background.
 */
export const STYLES = `
:root {
  color-scheme: light dark;
  --background: #ffffff; --surface: #f5f6f8; --text: #1b1f24; --quiet: #57606a; --line: #d0d7de;
  --series-1: #1f6fb2; --series-2: #c4570a; --series-3: #0b8457; --series-4: #8a4fa8; --series-5: #9a6b00;
  --series-6: #b0355f; --series-7: #3b7f8c; --series-8: #5c6bc0; --series-9: #6b7280;
}
@media (prefers-color-scheme: dark) {
  :root {
    --background: #14171a; --surface: #1e2328; --text: #e6e9ec; --quiet: #a3adb7; --line: #3a424a;
    --series-1: #6cb2f0; --series-2: #f2994a; --series-3: #4cc790; --series-4: #c39ae0; --series-5: #e3c14f;
    --series-6: #f08bab; --series-7: #7cc5d1; --series-8: #9fa8f0; --series-9: #a3adb7;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1rem 1rem 4rem; max-width: 60rem; background: var(--background); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif;
}
h1 { font-size: 1.6rem; line-height: 1.25; margin: 1rem 0 0.25rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 0.5rem; padding-top: 0.75rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.5rem 0 0.25rem; }
p { margin: 0.5rem 0; max-width: 46rem; }
a { color: var(--series-1); }
a:focus-visible, .scroll:focus-visible { outline: 2px solid var(--series-1); outline-offset: 2px; }
.quiet, figcaption, caption { color: var(--quiet); font-size: 0.875rem; }
.findings { background: var(--surface); border-radius: 0.5rem; padding: 0.75rem 1rem 0.75rem 2rem; }
.findings li { margin: 0.25rem 0; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; padding: 0; list-style: none; }
figure { margin: 1rem 0; }
svg { display: block; max-width: 100%; height: auto; color: var(--text); }
figcaption { margin-top: 0.25rem; }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: 0.9rem; }
caption { text-align: left; padding-bottom: 0.35rem; min-width: 16rem; }
th, td { padding: 0.3rem 0.9rem 0.3rem 0; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { color: var(--quiet); font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 400; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td code, th code { font-size: 0.85em; overflow-wrap: anywhere; }
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; padding: 0; list-style: none; font-size: 0.875rem; }
.legend span { display: inline-block; width: 0.7rem; height: 0.7rem; border-radius: 50%; margin-right: 0.4rem; }
.missing { background: var(--surface); border-left: 3px solid var(--series-2); padding: 0.5rem 0.75rem; }
.grid { display: grid; gap: 0 1.5rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); }
@media print { nav { display: none; } body { max-width: none; } }
`.trim();
