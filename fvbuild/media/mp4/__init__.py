"""Our own MP4 writer: films are put together from the bytes of their clips, without decoding."""
