"""The store that several processes and machines share: Redis or Valkey, what is asked of it, and what a node knows."""
