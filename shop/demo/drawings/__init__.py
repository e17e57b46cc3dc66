"""The drawings of demo pictures, by kind; importing this package registers them all."""

from shop.demo.drawings import electronics, fashion, hobby, home, kitchen, play, sound, sport, tools, worn
from shop.demo.drawings.look import DRAWINGS

__all__ = [
    "DRAWINGS",
    "electronics",
    "fashion",
    "hobby",
    "home",
    "kitchen",
    "play",
    "sound",
    "sport",
    "tools",
    "worn",
]
