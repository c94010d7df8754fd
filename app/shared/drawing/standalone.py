"""A drawing of the page as a file of its own."""

from __future__ import annotations

import re

from app.shared.drawing.svg import box

FONTS = "Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif"


def standalone(svg: str) -> str:
    """The same drawing as a file of its own: on white, in dark grey, nothing to click."""
    _, _, width, height = re.search(r'viewBox="([^"]*)"', svg)[1].split()  # type: ignore[index]
    still = re.sub(r' (role="button"|tabindex="0"|style="[^"]*")', "", svg)
    # other machines have other fonts: text a tenth smaller fits its box in the broadest of them, too
    still = re.sub(r'font-size="([^"]*)"', lambda size: f'font-size="{0.9 * float(size[1]):.4g}"', still)
    still = still.replace("currentColor", "#1b2733").replace('font-family="inherit"', f'font-family="{FONTS}"')
    still = still.replace('width="100%"', f'xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"', 1)
    end = still.index(">") + 1
    return still[:end] + box(0, 0, float(width), float(height), rx=0, fill="#ffffff") + still[end:]
