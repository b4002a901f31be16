// before 11: javax.xml.bind, XmlRootElement, javax.xml.bind.annotation, …
import javax.xml.bind.JAXBContext;
import javax.xml.bind.annotation.*;
@XmlRootElement
public class Jaxb { public static void main(String[] a) throws Exception { JAXBContext.newInstance(Jaxb.class); } }
