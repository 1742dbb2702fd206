"""The suite's tests: `house` (the architecture), `core`, `plugins`, `contract`, `flows`, `browser`."""
