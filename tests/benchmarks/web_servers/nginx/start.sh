# nginx, as it is: files below www, and nothing else configured.
exec /usr/sbin/nginx -p "$PWD" -e stderr -c "$PWD/nginx.conf"
