// What every version of Java's client is asked: `java -cp CLASSPATH ClientChecks BOOTSTRAP [PART…]`, with the parts by name, or all.
import java.util.*;
import org.apache.kafka.clients.admin.Admin;

public class ClientChecks extends Probe {
  public static void main(String[] arguments) throws Exception {
    bootstrap = arguments[0];
    Set<String> parts = new HashSet<>(Arrays.asList(arguments).subList(1, arguments.length));
    admin = Admin.create(settings());
    if (parts.isEmpty() || parts.contains("producing")) Producing.all();
    if (parts.isEmpty() || parts.contains("consuming")) Consuming.all();
    if (parts.isEmpty() || parts.contains("groups")) Groups.all();
    if (parts.isEmpty() || parts.contains("transactions")) Transactions.all();
    System.out.flush();
    // A check that hangs has threads that do.
    Runtime.getRuntime().halt(0);
  }
}
