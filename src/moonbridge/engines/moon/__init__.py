"""The Moon: where the Sun, the Earth and a relay stand over real terrain; pure arithmetic on arrays."""
