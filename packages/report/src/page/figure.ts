import { type Html, html } from './html.js';

/** A drawing with its caption; the drawing itself carries a text for screen readers. */
export function figure(drawing: Html, caption: string): Html {
  return html`<figure>${drawing}<figcaption>${caption}</figcaption></figure>`;
}
