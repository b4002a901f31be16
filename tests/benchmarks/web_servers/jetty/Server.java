// Jetty's file server, as it is: files below www.
import org.eclipse.jetty.server.handler.ResourceHandler;

class Server {
    public static void main(String[] args) throws Exception {
        org.eclipse.jetty.server.Server server = new org.eclipse.jetty.server.Server(8080);
        ResourceHandler files = new ResourceHandler();
        files.setResourceBase("www");
        files.setDirectoriesListed(false);
        files.setWelcomeFiles(new String[] {"index.html"});
        server.setHandler(files);
        server.start();
        server.join();
    }
}
