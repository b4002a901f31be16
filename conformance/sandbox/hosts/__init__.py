"""Two hosts joined by a wire: their namespaces, addresses, files, disk and sockets."""
