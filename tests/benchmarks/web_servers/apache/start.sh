# Apache, with the modules that serving files takes.
exec /usr/sbin/apache2 -X -d "$PWD" -f "$PWD/apache.conf"
