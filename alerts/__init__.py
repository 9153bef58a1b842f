"""The middle: from recorded changes to people — matching routes, writing messages, delivering them, the digest."""
