"""How things are drawn: colours, layout, bars, heat maps, SVG."""
