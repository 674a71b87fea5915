"""Shops that are not real, over real HTTP: a few hundred product pages whose prices live, lie, break and answer late."""
