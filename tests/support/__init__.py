"""What tests stand on: databases, servers, the tree of sources."""
