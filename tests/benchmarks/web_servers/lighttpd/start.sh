# lighttpd, as it is: files below www.
sed "s|ROOT|$PWD|" lighttpd.conf > here.conf
exec /usr/sbin/lighttpd -D -f here.conf -m /usr/lib/lighttpd
