"""Parts that several pages show: form, materials, diagram, story, ballot, limits, who comes next."""
