// 19: new SocketException(String, Throwable)
import java.net.*;
import java.io.*;
public class Constructor { 
  static class E extends SocketException { E(String s, Throwable t) { super(s, t); } }
  public static void main(String[] a) throws Exception { try { new Socket(); } catch (IllegalStateException e) { throw new SocketException("x", e); } }
}
