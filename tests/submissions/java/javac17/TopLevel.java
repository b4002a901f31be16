// 25: a main method outside of a class
import java.net.*;
String greeting() { return "hi"; }
int port = 2323;
void main() throws Exception {
    ServerSocket s = new ServerSocket(port);
    while (true) { s.accept(); }
}
