# Caddy's file server, as it is.
export HOME="$PWD" XDG_CONFIG_HOME="$PWD" XDG_DATA_HOME="$PWD"
exec /usr/bin/caddy file-server --listen :8080 --root www
