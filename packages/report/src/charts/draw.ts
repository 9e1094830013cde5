import { type PlotOptions, plot } from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { type Html, trusted } from '../page/html.js';

/** What a drawing needs besides its marks. */
export interface DrawOptions extends Omit<PlotOptions, 'document'> {
  /** Read out by screen readers in place of the drawing. */
  readonly ariaDescription: string;
}

/** Width of a drawing of which two stand side by side on a wide screen, in pixels. */
export const NARROW = 440;

/** Colours of series, in order; the page's style sheet gives each a light and a dark value. */
export const SERIES = Array.from({ length: 9 }, (_, place) => `var(--series-${place + 1})`);

export const seriesColour = (place: number): string => SERIES[place % SERIES.length] ?? 'currentColor';

/**
 * Draws a chart to SVG on the server. Observable Plot asks for a browser's document; linkedom is one without a browser.
 * Axes and texts take the colour of the page, so that one drawing serves light and dark.
 */
export function draw({ ariaDescription, ...options }: DrawOptions): Html {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const drawing = plot({
    width: 720,
    height: 260,
    marginLeft: 56,
    marginBottom: 40,
    ...options,
    style: { fontSize: '12px', background: 'transparent', overflow: 'visible' },
    ariaDescription,
    ariaLabel: ariaDescription,
    document,
  });
  drawing.setAttribute('role', 'img');
  // The drawing is one picture with one text; the labels of its parts would be read on top of it.
  for (const part of drawing.querySelectorAll('[aria-label], [aria-description]')) {
    part.removeAttribute('aria-label');
    part.removeAttribute('aria-description');
  }
  return trusted(drawing.outerHTML);
}
