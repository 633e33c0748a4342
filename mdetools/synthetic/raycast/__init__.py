"""A ray caster: primitives, textures, light, cameras, photographs."""
