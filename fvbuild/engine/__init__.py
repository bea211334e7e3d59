"""Make for content: keys, store, state, plan and run. Knows no film, GPU, HTTP or terminal."""
