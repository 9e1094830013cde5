import { describe, expect, it } from 'vitest';
import { html, trusted } from './html.js';

describe('html', () => {
  it('escapes every value that is not HTML', () => {
    const name = `<script>"D1" & 'x'</script>`;
    expect(html`<p title="${name}">${name}</p>`.markup).toBe(
      '<p title="&lt;script&gt;&quot;D1&quot; &amp; &#39;x&#39;&lt;/script&gt;">' +
        '&lt;script&gt;&quot;D1&quot; &amp; &#39;x&#39;&lt;/script&gt;</p>',
    );
  });

  it('takes HTML as it is, alone and in lists, and leaves out what is undefined', () => {
    const items = ['a', 'b'].map((text) => html`<li>${text}</li>`);
    expect(html`<ul>${items}</ul>${undefined}${trusted('<svg></svg>')}${3}`.markup).toBe(
      '<ul><li>a</li><li>b</li></ul><svg></svg>3',
    );
  });
});
