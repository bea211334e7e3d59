"""What the Qwen-VL processors ask of torchvision, and no more.

The torchvision of the registry is built for CUDA and cannot be imported beside a CPU build of
torch, so the tests bring this instead. Its pictures are close to, and not the same as, the real
one's; that is of no account for random weights.
"""

from __future__ import annotations

__version__ = "0.28.0"
