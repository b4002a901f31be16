// own fault
import java.net.*;
System.out.println("x");
void main() { }
